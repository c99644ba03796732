import type { Compensator } from "@ferret-ocl/compensation";
import { createOptimizer, optimizerNames } from "@ferret-ocl/pipeline";
import { describe, expect, it } from "vitest";
import { loadDataset } from "../src/datasets/registry.js";
import { type CompensationRun, sweepCompensation } from "../src/experiments/compensation.js";
import { settingsOf, summarise } from "../src/experiments/compensation-summary.js";
import { delayedSgd } from "../src/experiments/delayed-sgd.js";
import { loadMachinery } from "../src/machinery.js";
import { prepareModel } from "../src/prepare.js";
import { renderCompensation } from "../src/report/compensation-page.js";
import { compensationRows } from "../src/report/compensation-table.js";
import { run } from "../src/run.js";
import { createStream } from "../src/streams/registry.js";
import { setting } from "./samples.js";

const machinery = await loadMachinery();
const dataset = await loadDataset("glyphs", { seed: 0 });
const { model } = prepareModel("mlp", dataset.train);
const stream = createStream(dataset, { order: "iid", items: 24, batch: 4, seed: 0 });
const optimizer = createOptimizer("sgd", {}, machinery.kernels);
const common = { model, ...machinery, stream, optimizer, learningRate: 0.05, seed: 0 };

/** Leaves gradients alone and writes down how late they came, and with which versions. */
function recorder() {
  const seen: { staleness: number; versions: number }[] = [];
  const compensator: Compensator = {
    name: "recorder",
    stateVectors: 0,
    init: () => null,
    update({ gradient, versions, staleness }) {
      seen.push({ staleness, versions: versions.length });
      return gradient;
    },
  };
  return { seen, compensator };
}

describe("delayed gradient descent", () => {
  it("has every gradient come as late as asked, once there are that many updates", () => {
    const { seen, compensator } = recorder();
    delayedSgd({ ...common, repair: compensator, staleness: 3 });
    const layers = 3;
    expect(seen).toHaveLength(layers * (24 - 3));
    seen.forEach(({ staleness, versions }, call) => {
      expect(staleness).toBe(Math.min(3, Math.floor(call / layers)));
      expect(versions).toBe(staleness + 1);
    });
  });

  it("is plain gradient descent without staleness, so that the exact gradient is the same", () => {
    const { compensator } = recorder();
    const stale = delayedSgd({ ...common, repair: compensator, staleness: 0 });
    expect(delayedSgd({ ...common, repair: "exact", staleness: 0 })).toEqual(stale);
    const late = delayedSgd({ ...common, repair: compensator, staleness: 23 });
    expect(late.oacc).not.toBe(stale.oacc);
  });
});

describe("an optimizer of the experiment", () => {
  it.each(optimizerNames)("%s without delay is that of an oracle", async (name) => {
    const settings = { items: 24, batch: 4, optimizer: name, learningRate: 0.02 };
    const whole = setting({ ...settings, method: "oracle", pressure: 1 });
    const { oacc } = await run({ setting: whole, dataset, stream, machinery });
    const made = createOptimizer(name, {}, machinery.kernels);
    const late = { ...common, learningRate: 0.02, repair: "exact" as const, staleness: 0 };
    expect(delayedSgd({ ...late, optimizer: made }).oacc).toBe(oacc);
  });
});

describe("the sweep", () => {
  it("measures every method in every setting and stops between runs", async () => {
    const stop = { requested: false };
    const sweep = {
      datasets: ["glyphs"],
      orders: ["iid", "split"],
      learningRates: [0.1],
      staleness: [2, 4],
      methods: ["step-aware"],
      seeds: [0],
      optimizer: "momentum",
      model: "mlp",
      items: 10,
      batch: 4,
      loadDataset: async () => dataset,
      machinery,
      stop,
    };
    const runs = await sweepCompensation(sweep);
    expect(runs).toHaveLength(2 * (1 + 2 * 3));
    expect(settingsOf(runs)).toHaveLength(4);
    expect(compensationRows(runs).map(([method]) => method)).toEqual([
      "method",
      "none",
      "exact",
      "step-aware",
    ]);
    expect(renderCompensation(runs, { title: "a & b" })).toContain("a &amp; b");
    stop.requested = true;
    expect(await sweepCompensation(sweep)).toEqual([]);
  });
});

describe("the summary", () => {
  const run = (change: Partial<CompensationRun>): CompensationRun => ({
    dataset: "glyphs",
    order: "iid",
    learningRate: 0.1,
    staleness: 4,
    method: "none",
    seed: 0,
    oacc: 50,
    faults: 0,
    ...change,
  });

  it("counts what is recovered only where staleness costs more than two points", () => {
    const runs = [
      run({ staleness: 0, oacc: 80 }),
      run({ oacc: 60 }),
      run({ method: "secant", oacc: 65 }),
      run({ staleness: 2, oacc: 79 }),
      run({ staleness: 2, method: "secant", oacc: 78.5, faults: 2 }),
    ];
    const [none, secant] = summarise(runs);
    expect(none).toMatchObject({ method: "none", recovered: 0, costly: 1, worstLoss: { mean: 0 } });
    expect(secant).toMatchObject({ method: "secant", recovered: 0.25, costly: 1 });
    expect(secant?.worstLoss).toEqual({ mean: 0.5, error: null, count: 1 });
    expect(secant?.worstAt?.staleness).toBe(2);
    expect(secant?.faults).toBe(2);
  });

  it("gives the worst loss with the error of the difference, seed by seed", () => {
    const of = (method: string, accuracies: number[]) =>
      accuracies.map((oacc, seed) => run({ method, seed, oacc }));
    const runs = [
      ...[0, 1, 2].map((seed) => run({ staleness: 0, seed, oacc: 80 })),
      ...of("none", [40, 50, 60]),
      // Losses of 1, 2 and 3: their standard deviation is 1, that of the mean 1 / sqrt 3.
      ...of("secant", [39, 48, 57]),
    ];
    const { mean, error } = summarise(runs).find(({ method }) => method === "secant")!.worstLoss;
    expect(mean).toBeCloseTo(2, 10);
    expect(error).toBeCloseTo(1 / Math.sqrt(3), 10);
  });

  it("leaves out a setting whose seeds are not complete", () => {
    const runs = [
      run({ staleness: 0 }),
      run({ staleness: 0, seed: 1 }),
      run({}),
      run({ seed: 1 }),
      run({ method: "secant" }),
    ];
    expect(settingsOf(runs)).toEqual([]);
  });
});
