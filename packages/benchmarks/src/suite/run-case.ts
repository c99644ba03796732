import { announce } from "../announce.js";
import type { Dataset } from "../datasets/contract.js";
import { loadDataset } from "../datasets/registry.js";
import type { Machinery } from "../machinery.js";
import { prepareModel } from "../prepare.js";
import type { ResultRecord } from "../record.js";
import { run } from "../run.js";
import type { CheckpointSetting } from "../run-checkpoints.js";
import type { RunSetting } from "../setting.js";
import { createStream } from "../streams/registry.js";
import { promise } from "../wire.js";
import type { SuiteCase } from "./case.js";

/** Data sets that are kept for the runs to come: those of as many seeds as usual. */
const mostKept = 3;

/** Runs cases one after the other, and keeps what several of them need. */
export class CaseRunner {
  readonly #machinery: Machinery;
  readonly #dataDir: string | undefined;
  readonly #datasets = new Map<string, Promise<Dataset>>();
  readonly #extremes = new Map<string, Promise<Extremes>>();

  constructor(machinery: Machinery, dataDir: string | undefined) {
    this.#machinery = machinery;
    this.#dataDir = dataDir;
  }

  /** @param checkpoint where the run is saved on its way, and what it goes on from; null: nowhere. */
  async run(one: SuiteCase, checkpoint: CheckpointSetting | null): Promise<ResultRecord> {
    const setting: RunSetting = { ...one.run, dataDir: this.#dataDir };
    const dataset = await this.#load(setting);
    const stream = createStream(dataset, setting);
    const memoryBudget =
      one.budgetShare === null
        ? setting.memoryBudget
        : shareBetween(await this.#extremesOf(setting, dataset), one.budgetShare);
    return run({
      setting: { ...setting, memoryBudget },
      dataset,
      stream,
      machinery: this.#machinery,
      ...(checkpoint && { checkpoint }),
    });
  }

  #load({ dataset, dataDir, seed, order }: RunSetting): Promise<Dataset> {
    const fromEnd = order === "given";
    return keeping(this.#datasets, JSON.stringify([dataset, seed, fromEnd]), mostKept, () =>
      loadDataset(dataset, { dataDir, seed, fromEnd, onNotice: (line) => announce([line]) }),
    );
  }

  /** The same on every seed: only numbers that are drawn differ. */
  #extremesOf(setting: RunSetting, dataset: Dataset): Promise<Extremes> {
    const { seed, ...same } = setting;
    return keeping(this.#extremes, JSON.stringify(same), Number.POSITIVE_INFINITY, async () => {
      const bytes = (memoryBudget: RunSetting["memoryBudget"]) =>
        this.#planned({ ...setting, memoryBudget }, dataset);
      return { least: await bytes("min"), most: await bytes("none") };
    });
  }

  async #planned(setting: RunSetting, { train }: Dataset): Promise<number> {
    const { model, parameters } = prepareModel(setting.model, train, setting);
    const { planned } = await promise({
      setting,
      model,
      initialParameters: parameters,
      machinery: this.#machinery,
      pixels: train.pixels,
      onPrediction() {},
      tracedItems: 0,
    });
    return planned.total;
  }
}

/** Bytes of the plan with the least memory that learns, and of that without a limit. */
interface Extremes {
  readonly least: number;
  readonly most: number;
}

/** The budget at a share of the way, by equal factors. */
function shareBetween({ least, most }: Extremes, share: number): number {
  return Math.round(least * (most / least) ** share);
}

/** What is kept under a key, or else made and kept, in the place of the oldest where there are too many. */
function keeping<Value>(
  kept: Map<string, Promise<Value>>,
  key: string,
  most: number,
  make: () => Promise<Value>,
): Promise<Value> {
  const there = kept.get(key);
  if (there) return there;
  const [oldest] = kept.keys();
  if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
  const made = make();
  kept.set(key, made);
  // What failed is tried again.
  made.catch(() => kept.delete(key));
  return made;
}
