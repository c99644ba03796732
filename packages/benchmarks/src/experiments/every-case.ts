import type { Dataset } from "../datasets/contract.js";
import type { Machinery } from "../machinery.js";
import type { CheckpointSetting } from "../run-checkpoints.js";
import type { RunSetting } from "../setting.js";
import type { Stream } from "../streams/contract.js";
import type { CaseCheckpoints } from "./case-checkpoints.js";

/** What failed in an experiment whose other runs continued. */
export interface Failure {
  /** How many runs it has cost. */
  readonly runs: number;
  /** Which one, as its line begins: `Ferret M, seed 0`. */
  readonly name: string;
  readonly error: unknown;
}

/** Options of experiments of many runs, whatever they measure. */
export interface ExperimentOptions<Result> {
  readonly seeds: readonly number[];
  readonly loadDataset: (seed: number) => Promise<Dataset>;
  readonly machinery: Machinery;
  readonly stop: { readonly requested: boolean };
  /** Where runs are saved on their way; null or absent: nowhere. */
  readonly checkpoints?: CaseCheckpoints | null;
  /** Called with each result as soon as it is there. */
  readonly onRun?: (result: Result, done: number, total: number) => void;
  /** Called with each run that failed. Default: the first one ends the experiment. */
  readonly onFailure?: (failure: Failure, done: number, total: number) => void;
}

export interface Measuring<Case, Result> {
  measure(one: Case, seed: number, dataset: Dataset): Promise<Result>;
  /** How a case is named where it fails. */
  name(one: Case): string;
  /** Whether what was stopped in the middle counts. Default: no. */
  readonly keepsStopped?: (result: Result) => boolean;
}

/**
 * Measures every case on every seed, one seed after the other, so that an experiment that is
 * stopped has complete comparisons. A case that fails does not keep the others from being
 * measured.
 *
 * @throws the error of a data set that cannot be loaded, where nothing was measured before, and of
 *   the first failure where there is no `onFailure`.
 */
export async function measureEvery<Case, Result>(
  { seeds, loadDataset, stop, onRun, onFailure }: ExperimentOptions<Result>,
  cases: readonly Case[],
  { measure, name, keepsStopped = () => false }: Measuring<Case, Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const total = seeds.length * cases.length;
  let failed = 0;
  const fail = (error: unknown, whose: string, runs: number) => {
    if (!onFailure) throw error;
    failed += runs;
    onFailure({ name: whose, error, runs }, results.length + failed, total);
  };
  for (const seed of seeds) {
    let dataset: Dataset;
    try {
      dataset = await loadDataset(seed);
    } catch (error) {
      if (results.length === 0 && failed === 0) throw error;
      fail(error, `seed ${seed}`, cases.length);
      continue;
    }
    for (const one of cases) {
      try {
        const result = await measure(one, seed, dataset);
        if (stop.requested && !keepsStopped(result)) return results;
        results.push(result);
        onRun?.(result, results.length + failed, total);
      } catch (error) {
        fail(error, `${name(one)}, seed ${seed}`, 1);
      }
      if (stop.requested) return results;
    }
  }
  return results;
}

/**
 * Makes a run of an experiment; where runs are saved, goes on with it, or takes its result where it was finished.
 * @param experiment its name, with whatever else it asks for than the setting.
 */
export function keptRun<Result>(
  {
    checkpoints,
    machinery,
    stop,
  }: Pick<ExperimentOptions<unknown>, "checkpoints" | "machinery" | "stop">,
  {
    experiment,
    setting,
    stream,
  }: {
    readonly experiment: readonly unknown[];
    readonly setting: RunSetting;
    readonly stream: Stream;
  },
  measure: (checkpoint?: CheckpointSetting) => Promise<Result>,
): Promise<Result> {
  if (!checkpoints) return measure();
  return checkpoints.keep(
    {
      experiment,
      setting,
      machinery: [machinery.runtime.name, machinery.kernelsName],
      sizes: [stream.sampleCount, stream.itemCount],
    },
    measure,
    () => !stop.requested,
  );
}
