import { existsSync } from "node:fs";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDataset } from "../src/datasets/registry.js";
import {
  type ForgettingOptions,
  forgettingLearners,
  measureForgetting,
} from "../src/experiments/forgetting.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { finalAccuracy, forgetting } from "../src/metrics/accuracy-matrix.js";
import { renderForgetting } from "../src/report/forgetting.js";
import { forgettingRows } from "../src/report/forgetting-table.js";
import type { RunSetting } from "../src/setting.js";
import { inputErrorOf } from "./datasets-encode.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

function measure(change: Partial<RunSetting>, more: Partial<ForgettingOptions> = {}) {
  const all = setting({ order: "split", ...change });
  return measureForgetting({
    setting: all,
    algorithms: algorithmNames,
    learners: forgettingLearners,
    seeds: [0],
    loadDataset: (seed) =>
      loadDataset(all.dataset, { dataDir: all.dataDir, seed, download: false }),
    testSamples: 500,
    machinery,
    stop: { requested: false },
    ...more,
  });
}

describe("the forgetting experiment", () => {
  it("tests every task before the first and after each, and reports it", async () => {
    const short = { algorithms: ["vanilla", "er"], seeds: [0, 1], testSamples: 50 };
    const runs = await measure({ items: 40 }, short);
    expect(runs.map(({ record }) => `${record.label} ${record.algorithm} ${record.seed}`)).toEqual(
      [0, 1].flatMap((seed) =>
        ["Oracle vanilla", "Oracle er", "Ferret M+ vanilla", "Ferret M+ er"].map(
          (name) => `${name} ${seed}`,
        ),
      ),
    );
    for (const { tasks, overall, within } of runs) {
      for (const matrix of [overall, within])
        expect(matrix.map((row) => row.length)).toEqual(Array(tasks.length + 1).fill(tasks.length));
      // Told the task, a sample is never judged more harshly.
      overall.flat().forEach((value, index) => {
        expect(within.flat()[index]).toBeGreaterThanOrEqual(value);
      });
    }
    expect(forgettingRows(runs).map(([name]) => name)).toEqual([
      "learner",
      "Oracle, vanilla",
      "Oracle, er",
      "Ferret M+, vanilla",
      "Ferret M+, er",
    ]);
    const page = renderForgetting(runs);
    expect(page.match(/<svg/g)).toHaveLength(4);
    expect(page).toContain("Accuracy matrix, Ferret M+, er");
    expect(renderForgetting(runs)).toBe(page);
  });

  it("shows the test samples as each task does", async () => {
    const permuted = { items: 300, order: "permuted", batch: 8 } as const;
    const learners = forgettingLearners.slice(0, 1);
    const [run] = await measure(permuted, { algorithms: ["vanilla"], learners });
    const { overall } = run!;
    // What is learned on one order of the pixels tells little about another.
    expect(overall[1]![0]).toBeGreaterThan(overall[1]![1]! + 20);
  });

  it("refuses a stream without tasks", async () => {
    expect(await inputErrorOf(measure({ order: "iid", items: 5 }))).toMatch(
      /^Expected a stream of tasks.* choose the order split$/,
    );
  });
});

const dataDir = process.env.FERRET_DATA_DIR || undefined;
const there = dataDir !== undefined && existsSync(join(dataDir, "mnist"));
const reason = dataDir === undefined ? "FERRET_DATA_DIR is not set" : "it has no mnist";

describe("real split MNIST", () => {
  // Stale gradients bear no larger steps.
  const cases = [
    ["sequentially", 0, 0.05],
    ["in the pipeline", 1, 0.01],
  ] as const;
  it.skipIf(!there).each(cases)(
    "ER and MIR keep old classes, LwF and MAS forget less of old tasks than Vanilla, learned %s",
    { timeout: 120_000 },
    async (_, place, learningRate) => {
      const learners = forgettingLearners.slice(place, place + 1);
      const stream = { dataset: "mnist", dataDir, items: 1000, batch: 16, learningRate } as const;
      const runs = await measure(stream, { learners });
      const of = Object.fromEntries(runs.map((run) => [run.record.algorithm, run]));
      const { vanilla, er, mir, lwf, mas } = of;
      for (const keeping of [er, mir])
        expect(finalAccuracy(keeping!.overall)).toBeGreaterThan(
          finalAccuracy(vanilla!.overall) + 30,
        );
      for (const holding of [lwf, mas]) {
        expect(forgetting(holding!.within)).toBeLessThan(forgetting(vanilla!.within));
        expect(holding!.within.at(-1)![0]).toBeGreaterThan(vanilla!.within.at(-1)![0]!);
      }
    },
  );
  if (!there) console.log(`Skipped: split MNIST; ${reason}`);
});
