import type { RunSetting } from "../src/config.js";
import { loadDataset } from "../src/datasets/registry.js";
import type { Machinery } from "../src/machinery.js";
import type { ResultRecord } from "../src/record.js";
import { run } from "../src/run.js";
import { createStream } from "../src/streams/registry.js";

/** One run as the command makes it, with fewer test samples. */
export async function shortRun(
  setting: RunSetting,
  machinery: Machinery,
  stop = { requested: false },
): Promise<ResultRecord> {
  const full = await loadDataset(setting.dataset, {
    dataDir: setting.dataDir,
    seed: setting.seed,
    download: false,
  });
  const { train, test } = full;
  const dataset = {
    ...full,
    test: {
      count: Math.min(test.count, 200),
      classes: test.classes,
      inputShape: test.inputShape,
      read: test.read.bind(test),
      label: test.label.bind(test),
    },
  };
  const stream = createStream({ ...dataset, train }, setting);
  return run({ setting, dataset, stream, machinery, stop });
}

/** All of a record that follows from setting and seed. */
export function stable(record: ResultRecord) {
  const { throughput, wallTime, residentGrowth, environment, gitRevision, ...rest } = record;
  return rest;
}
