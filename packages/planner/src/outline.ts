import type { Problem } from "./problem.js";
import { type Side, StageTerms } from "./stage-terms.js";
import type { Score } from "./tally.js";

/** What is known about a partition before it is searched. */
export interface Outline {
  readonly problem: Problem;
  /** Fewest ledger bytes over all configurations, and whether they take T1. */
  readonly least: { readonly memory: number; readonly recompute: boolean };
  /** As many workers as the stream needs, without any technique. */
  readonly plain: Score;
}

/** Summed once, as a model of a thousand layers has thousands of partitions. */
export function outlineOf(problem: Problem): Outline {
  const terms = new StageTerms(problem);
  return { problem, least: leastOf(terms), plain: plainOf(terms) };
}

/**
 * Fewest ledger bytes of a partition, over all configurations.
 *
 * It takes no search. A further worker only adds buffers. Of one worker, every term of the ledger
 * rises with a stage's stash, a stash is at least one item, and full T3 brings all of them to
 * one without an accumulator, and without anything to compensate. What is left is T1, on or off.
 */
function leastOf(terms: StageTerms): Outline["least"] {
  const bytesOf = (side: Side) => {
    let bytes = terms.base(1, side === 1);
    for (let stage = 0; stage < terms.stageCount; stage += 1)
      bytes += terms.buffers(side, stage, 1);
    return bytes;
  };
  const [kept, recomputed] = [bytesOf(0), bytesOf(1)];
  return { memory: Math.min(kept, recomputed), recompute: recomputed < kept };
}

function plainOf(terms: StageTerms): Score {
  const { stageCount, fullWorkers } = terms;
  let [value, bytes] = [0, 0];
  for (let stage = 0; stage < stageCount; stage += 1) {
    const stash = stageCount - stage;
    value += terms.itemValue(0, stage);
    bytes += terms.buffers(0, stage, stash) + (stash - 1) * terms.weight(stage);
    if (fullWorkers === 1) bytes += terms.loneBytes(stage, 1, stash - 1);
  }
  return {
    rate: (fullWorkers * value) / terms.interval(0, fullWorkers),
    memory: terms.base(fullWorkers, false) + fullWorkers * bytes,
  };
}
