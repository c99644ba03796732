import type { WorkerConfiguration } from "./worker.js";

/** The worker with other settings of T2 and T3 at one stage. */
export function withTechniques(
  worker: WorkerConfiguration,
  stage: number,
  accumulate: number,
  omit: number,
): WorkerConfiguration {
  return {
    recompute: worker.recompute,
    accumulate: worker.accumulate.with(stage, accumulate),
    omit: worker.omit.with(stage, omit),
  };
}

/**
 * The next larger c^a that holds fewer versions, `behind` = P - 1 - j: one fewer group of
 * gradients, until a single group is left; then infinite, and T3 takes over.
 */
export function nextAccumulate(behind: number, accumulate: number): number {
  const groups = Math.ceil(behind / accumulate) - 1;
  return groups <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(behind / groups);
}

/** c^a from 1 upwards: the settings that the greedy search goes through at a stage. */
export function accumulateLadder(behind: number): number[] {
  const ladder = [1];
  for (;;) {
    const next = nextAccumulate(behind, ladder.at(-1) as number);
    if (!Number.isFinite(next)) return ladder;
    ladder.push(next);
  }
}
