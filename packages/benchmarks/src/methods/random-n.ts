import { Random } from "../random.js";
import { type Choice, prepareBSkip } from "./b-skip.js";
import type { Method } from "./contract.js";

/** Items drawn at random without replacement. */
export function drawn(random: Random): Choice {
  return {
    choose(waiting, count) {
      for (let place = 0; place < count; place++)
        waiting.exchange(place, place + random.below(waiting.size - place));
    },
  };
}

export const randomN: Method = {
  summary: "keeps the newest 8 unlearned items and learns 4 of them, drawn at random, as one batch",
  label: () => "Random-N",
  isPlanned: false,
  prepare: (request) => prepareBSkip(request, () => drawn(new Random(request.setting.seed))),
};
