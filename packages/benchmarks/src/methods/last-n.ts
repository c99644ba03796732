import { type Choice, prepareBSkip } from "./b-skip.js";
import type { Method } from "./contract.js";

/** The items that came last, the newest first. */
export const newest: Choice = {
  choose(waiting, count) {
    for (let place = 0; place < count; place++) {
      let latest = place;
      for (let other = place + 1; other < waiting.size; other++)
        if (waiting.arrival(other) > waiting.arrival(latest)) latest = other;
      waiting.exchange(place, latest);
    }
  },
};

export const lastN: Method = {
  summary: "keeps the newest 8 unlearned items and learns the last 4 of them as one batch",
  label: () => "Last-N",
  isPlanned: false,
  prepare: (request) => prepareBSkip(request, () => newest),
};
