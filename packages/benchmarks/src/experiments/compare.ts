import { methodNamed } from "../methods/registry.js";
import type { ResultRecord } from "../record.js";
import { run } from "../run.js";
import type { RunSetting } from "../setting.js";
import { createStream } from "../streams/registry.js";
import { type ExperimentOptions, measureEvery } from "./every-case.js";

/** The learners that the main comparison shows, the reference points first. */
export const contenders: readonly Pick<RunSetting, "method" | "memoryBudget">[] = [
  { method: "oracle", memoryBudget: "none" },
  { method: "ferret", memoryBudget: "none" },
  { method: "ferret", memoryBudget: "2bw" },
  { method: "ferret", memoryBudget: "min" },
  { method: "1-skip", memoryBudget: "none" },
];

export interface CompareOptions extends ExperimentOptions<ResultRecord> {
  /** What all runs share; method, budget and seed are replaced. */
  readonly setting: RunSetting;
}

/** Oracle, Ferret M+, M, M- and 1-Skip on the same streams, one run a learner and seed. */
export function compare(options: CompareOptions): Promise<ResultRecord[]> {
  const { machinery, stop } = options;
  return measureEvery(options, contenders, {
    name: (one) => methodNamed(one.method).label({ ...options.setting, ...one }),
    measure: (one, seed, dataset) => {
      const setting = { ...options.setting, ...one, seed };
      const stream = createStream(dataset, setting);
      return run({ setting, dataset, stream, machinery, stop });
    },
    keepsStopped: ({ items }) => items > 0,
  });
}
