import type { Dataset } from "../src/datasets/contract.js";
import { loadDataset } from "../src/datasets/registry.js";
import type { Machinery } from "../src/machinery.js";
import type { ResultRecord } from "../src/record.js";
import { run } from "../src/run.js";
import type { RunSetting } from "../src/setting.js";
import { createStream } from "../src/streams/registry.js";

/** A data set that is there, with fewer test samples. */
export async function loadShort(
  name: string,
  { dataDir, seed, order }: Pick<RunSetting, "dataDir" | "seed" | "order">,
): Promise<Dataset> {
  const fromEnd = order === "given";
  const full = await loadDataset(name, { dataDir, seed, fromEnd, download: false });
  const { test } = full;
  return {
    ...full,
    test: {
      count: Math.min(test.count, 200),
      classes: test.classes,
      inputShape: test.inputShape,
      read: test.read.bind(test),
      ...(test.readRaw ? { readRaw: test.readRaw.bind(test) } : {}),
      label: test.label.bind(test),
    },
  };
}

/** One run as the command makes it, with fewer test samples. */
export async function shortRun(
  setting: RunSetting,
  machinery: Machinery,
  stop = { requested: false },
): Promise<ResultRecord> {
  const dataset = await loadShort(setting.dataset, setting);
  const stream = createStream(dataset, setting);
  return run({ setting, dataset, stream, machinery, stop });
}

/** All of a record that follows from setting and seed. */
export function stable(record: ResultRecord) {
  const { throughput, wallTime, residentGrowth, environment, gitRevision, ...rest } = record;
  return rest;
}
