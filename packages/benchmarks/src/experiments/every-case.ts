import type { Dataset } from "../datasets/contract.js";
import type { Machinery } from "../machinery.js";

/** What experiments of many runs are told, whatever they measure. */
export interface ExperimentOptions<Result> {
  readonly seeds: readonly number[];
  readonly loadDataset: (seed: number) => Promise<Dataset>;
  readonly machinery: Machinery;
  readonly stop: { requested: boolean };
  /** Called with each result as soon as it is there. */
  readonly onRun?: (result: Result, done: number, total: number) => void;
}

/**
 * Measures every case on every seed, one seed after the other, so that an experiment that is stopped
 * has whole comparisons. What is stopped in the middle does not count.
 */
export async function measureEvery<Case, Result>(
  { seeds, loadDataset, stop, onRun }: ExperimentOptions<Result>,
  cases: readonly Case[],
  measure: (one: Case, seed: number, dataset: Dataset) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const seed of seeds) {
    const dataset = await loadDataset(seed);
    for (const one of cases) {
      const result = await measure(one, seed, dataset);
      if (stop.requested) return results;
      results.push(result);
      onRun?.(result, results.length, seeds.length * cases.length);
    }
  }
  return results;
}
