import type { RecentActions } from "@ferret-ocl/pipeline";
import { type LiveGrid, liveKinds } from "./snapshot.js";

/** The newest so many are shown: a picture has no room for more, and they are sent often. */
export const mostShown = 400;

/** What the live page draws of a learner's newest actions. */
export function gridOf({ now, actions }: RecentActions): LiveGrid {
  return {
    isWhole: actions.length <= mostShown,
    now,
    actions: actions
      .slice(-mostShown)
      .flatMap(({ kind, worker, stage, item, start, end }) => [
        liveKinds.indexOf(kind),
        worker,
        stage,
        item,
        microseconds(start - now),
        microseconds(end - start),
      ]),
  };
}

/** To the nanosecond, which is what the virtual clock counts. */
const microseconds = (milliseconds: number) => Math.round(1e6 * milliseconds) / 1e3;
