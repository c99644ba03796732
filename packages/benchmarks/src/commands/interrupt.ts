import { announce } from "./output.js";

/**
 * The first Ctrl-C asks a run to end with the record so far; a second one ends at once. A run
 * looks at the flag between items, so signals must be let in there.
 */
export function onInterrupt(): { requested: boolean } {
  const stop = { requested: false };
  process.on("SIGINT", () => {
    if (stop.requested) process.exit(130);
    stop.requested = true;
    announce(["stopping; the results so far will be written (Ctrl-C again to end at once)"]);
  });
  return stop;
}
