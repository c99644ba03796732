import type { RunSetting } from "../config.js";
import type { Dataset } from "../datasets/contract.js";
import type { Machinery } from "../machinery.js";
import type { ResultRecord } from "../record.js";
import { run } from "../run.js";
import { createStream } from "../streams/registry.js";

/** The learners that the main comparison shows, the reference points first. */
const contenders: readonly Pick<RunSetting, "method" | "memoryBudget">[] = [
  { method: "oracle", memoryBudget: "none" },
  { method: "ferret", memoryBudget: "none" },
  { method: "ferret", memoryBudget: "2bw" },
  { method: "ferret", memoryBudget: "min" },
  { method: "1-skip", memoryBudget: "none" },
];

export interface CompareOptions {
  /** What all runs share; method and budget are replaced. */
  readonly setting: RunSetting;
  readonly seeds: readonly number[];
  readonly loadDataset: (seed: number) => Promise<Dataset>;
  readonly machinery: Machinery;
  readonly stop: { requested: boolean };
  /** Called with each record as soon as it is there. */
  readonly onRecord: (record: ResultRecord, done: number, total: number) => void;
}

/** Oracle, Ferret M+, M, M- and 1-Skip on the same streams, one run a learner and seed. */
export async function compare(options: CompareOptions): Promise<ResultRecord[]> {
  const { seeds, machinery, stop } = options;
  const records: ResultRecord[] = [];
  for (const seed of seeds) {
    const dataset = await options.loadDataset(seed);
    for (const contender of contenders) {
      const setting = { ...options.setting, ...contender, seed };
      const stream = createStream(dataset, setting);
      const record = await run({ setting, dataset, stream, machinery, stop });
      records.push(record);
      options.onRecord(record, records.length, seeds.length * contenders.length);
      if (stop.requested) return records;
    }
  }
  return records;
}
