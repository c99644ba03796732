import type { Tally } from "./tally.js";
import { accumulateLadder, withTechniques } from "./technique.js";
import type { WorkerConfiguration } from "./worker.js";

/** Milder settings of a worker than its present one: T1 off, then stages from the back. */
function* milder(worker: WorkerConfiguration): Generator<WorkerConfiguration> {
  if (worker.recompute) yield { ...worker, recompute: false };
  const last = worker.omit.length - 1;
  for (let stage = last - 1; stage >= 0; stage -= 1) {
    const omitting = (worker.omit[stage] as number) > 0;
    for (const accumulate of accumulateLadder(last - stage))
      if (omitting || accumulate < (worker.accumulate[stage] as number))
        yield withTechniques(worker, stage, accumulate, 0);
  }
}

/**
 * Repair (ours): greedy takes T1 for all workers at once and often overshoots. Techniques are
 * undone one at a time, T1 of a worker first, then T3 and T2 from the last stage on, each back to
 * the mildest setting that fits, while R rises and the ledger stays within `budget`, as far as the
 * tally's patience goes.
 */
export function undo(tally: Tally, budget: number): void {
  let rising = true;
  while (rising) {
    rising = false;
    for (let index = 0; index < tally.workers.length; index += 1) {
      for (const worker of milder(tally.workers[index] as WorkerConfiguration)) {
        if (tally.isExhausted) return;
        const { rate, memory } = tally.ifReplaced(index, worker);
        // Rounding must not look like a rise, or two equal settings could alternate for ever.
        if (memory > budget || rate <= tally.score.rate * (1 + 1e-12)) continue;
        tally.replace(index, worker);
        rising = true;
        break;
      }
    }
  }
}
