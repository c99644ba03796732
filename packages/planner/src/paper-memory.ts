import { checkCut } from "./check.js";
import { stageRanges } from "./cost.js";
import type { Profile } from "./profile.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

/**
 * Weight versions that the paper's model gives stage `stage` of one worker (Eq. 4):
 * 1 + ceil((P - i - 1) / c^a) - c^o.
 *
 * Plans may omit more than the paper's P - 1 - i, so the count is at least 1: training needs
 * weights.
 */
export function paperVersions(
  stageCount: number,
  stage: number,
  accumulate: number,
  omit: number,
): number {
  return Math.max(1, 1 + Math.ceil((stageCount - stage - 1) / accumulate) - omit);
}

/**
 * Memory by the paper's model, bytes (Eq. 4), for comparison with its tables:
 *
 * ```
 * M = Σ_n Σ_i versions(n, i) * ( |w_i| + |a_i| - c^r_n Σ inner |â_l| )
 * ```
 *
 * |a_i| sums the stage's layers; with T1 only the first layer's share stays. Buffers between
 * stages, gradients and sharing of versions between workers are not part of that model: see
 * `predictMemory` for what a run really holds.
 */
export function paperMemory(
  profile: Profile,
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
): number {
  checkCut(profile, partition);
  checkWorkers(workers, "workers", partition.length);
  const stageCount = partition.length;
  let total = 0;
  stageRanges(partition, profile.layers.length).forEach(({ first, end }, stage) => {
    const layers = profile.layers.slice(first, end);
    const weights = layers.reduce((sum, layer) => sum + layer.parameterBytes, 0);
    const activations = layers.reduce((sum, layer) => sum + layer.activationBytes, 0);
    const kept = layers[0]?.activationBytes ?? 0;
    for (const worker of workers) {
      const versions = paperVersions(
        stageCount,
        stage,
        worker.accumulate[stage] as number,
        worker.omit[stage] as number,
      );
      total += versions * (weights + (worker.recompute ? kept : activations));
    }
  });
  return total;
}
