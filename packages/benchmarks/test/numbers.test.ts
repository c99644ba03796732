// Numbers that are none: what is refused, and what is told of it.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { createOptimizer, InputError, loadSafetensors } from "@ferret-ocl/pipeline";
import type { Batch } from "@ferret-ocl/pipeline/engine";
import { afterAll, describe, expect, it } from "vitest";
import { delayedSgd } from "../src/experiments/delayed-sgd.js";
import { loadMachinery } from "../src/machinery.js";
import { methodNames } from "../src/methods/registry.js";
import { prepareModel } from "../src/prepare.js";
import { parseRecords } from "../src/record.js";
import { renderReport } from "../src/report/html.js";
import { remarks } from "../src/report/words.js";
import type { RunSetting } from "../src/setting.js";
import { createStream } from "../src/streams/registry.js";
import { assemble } from "../src/wire.js";
import { complaints, ferret } from "./command.js";
import { loadShort } from "./runs.js";
import { record, setting } from "./samples.js";

const native = await loadMachinery();
const folder = mkdtempSync(join(tmpdir(), "ferret-numbers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const base = setting({ model: "mlp", items: 24 });
const dataset = await loadShort("glyphs", base);
const stream = createStream(dataset, base);
const items: Batch[] = Array.from({ length: 24 }, (_, k) => {
  const item = {
    x: new Float32Array(stream.batch * stream.inputLength),
    labels: new Int32Array(stream.batch),
    size: stream.batch,
  };
  stream.readItem(k, item.x, item.labels);
  return item;
});

/** An item with something put into it. */
function spoiled({ x, labels, size }: Batch, place: "x" | "labels", value: number): Batch {
  const copy = { x: x.slice(), labels: labels.slice(), size };
  copy[place][size - 1] = value;
  return copy;
}

/** Takes a learner through items, and gives what it has become; complaints are collected. */
async function learn(change: Partial<RunSetting>, offered: readonly Batch[]) {
  const own = setting({ ...base, ...change });
  const { model, parameters } = prepareModel(own.model, dataset.train, own);
  const warnings: string[] = [];
  const { learner } = await assemble({
    setting: own,
    model,
    initialParameters: parameters,
    machinery: native,
    pixels: dataset.train.pixels,
    onPrediction: () => {},
    onWarning: (message) => warnings.push(message),
    tracedItems: 0,
  });
  const refusals: string[] = [];
  try {
    for (const item of offered)
      try {
        await learner.observe(item);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refusals.push((error as Error).message);
      }
    await learner.finish();
    const metrics = learner.metrics();
    return { parameters: learner.parameters(), metrics, refusals, warnings };
  } finally {
    await learner.dispose();
  }
}

/** To the bit; a matcher would take seconds for so many. */
const areSame = (a: Float32Array, b: Float32Array) =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

const everyMethod = methodNames.flatMap((method) =>
  [0, 3].map((labelDelay) => ({ method, labelDelay })),
);

describe("an item with a number that is none", () => {
  it.each(everyMethod)("$method, labels $labelDelay late: changes nothing", async (change) => {
    const wrong = [
      spoiled(items[9]!, "x", Number.NaN),
      spoiled(items[9]!, "x", Number.POSITIVE_INFINITY),
      spoiled(items[9]!, "labels", 10),
      spoiled(items[9]!, "labels", -1),
    ];
    const plain = await learn(change, items);
    const guarded = await learn(change, items.toSpliced(9, 0, ...wrong));
    expect(areSame(guarded.parameters, plain.parameters)).toBe(true);
    expect(guarded.metrics.items).toBe(24);
    expect(guarded.metrics.admitted).toBe(plain.metrics.admitted);
    expect(guarded.refusals).toEqual([
      expect.stringMatching(/^Expected finite numbers for x of item 9 but received NaN/),
      expect.stringMatching(/^Expected finite numbers for x of item 9 but received Infinity/),
      expect.stringMatching(
        /^Expected a class from 0 to 9 for the label of sample 3 of item 9 but received 10/,
      ),
      expect.stringMatching(
        /^Expected a class from 0 to 9 for the label of sample 3 of item 9 but received -1/,
      ),
    ]);
    expect(plain.warnings).toEqual([]);
  });
});

describe("an item that is too large to learn", () => {
  it.each(algorithmNames)(
    "leaves %s with weights that are finite, and is told of",
    async (algorithm) => {
      const large = items.map((item, k) => {
        if (k !== 5) return item;
        return { ...item, x: item.x.map((value) => 3e38 * Math.sign(value)) };
      });
      const algorithmOptions: Record<string, number | string> = {};
      if (algorithm === "lwf" || algorithm === "mas") {
        algorithmOptions.snapshotAt = algorithm === "lwf" ? "interval" : "plateau";
        algorithmOptions.warmUp = 3;
      }
      const change = { method: "oracle", algorithm, algorithmOptions } as const;
      const { parameters, metrics, warnings } = await learn(change, large);
      expect(parameters.every(Number.isFinite)).toBe(true);
      expect(metrics.refusedUpdates[0]).toBeGreaterThan(0);
      // Those that replay may meet it again, the others have it behind them.
      if (algorithm !== "er" && algorithm !== "mir") expect(metrics.refusedUpdates).toEqual([1]);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(
        /^The gradient of item 5 at stage 0 is not finite, or is above 1e18/,
      );
    },
  );

  it("and is not learned leaves no trace: one sequential learner", async () => {
    const large = { ...items[5]!, x: items[5]!.x.map((value) => 3e38 * Math.sign(value)) };
    const change = { method: "oracle" } as const;
    const { parameters } = await learn(change, items.toSpliced(5, 0, large));
    expect(areSame(parameters, (await learn(change, items)).parameters)).toBe(true);
  });
});

describe("a run that collapses", () => {
  it("says so at once, in its record and in words, and saves nothing that is no number", async () => {
    const weights = join(folder, "weights.safetensors");
    const options = ["--dataset", "glyphs", "--model", "mlp", "--items", "100", "--lr", "20"];
    const where = ["--save-weights", weights, "--out", join(folder, "run")];
    const outcome = await ferret(["run", "--method", "oracle", ...options, ...where]);
    expect(outcome.code).toBe(0);
    const [first, second, ...last] = complaints(outcome);
    expect(first).toMatch(
      /^ferret: Oracle: The gradient of item \d+ at stage 0, times the learning rate of 20, is not finite/,
    );
    expect(second).toMatch(
      /^ferret: Oracle: The learner has collapsed: half or more of the 63 items up to item 62 had logits that are not finite;/,
    );
    expect(last.join("\n")).toMatch(/Oracle: \d+ updates were refused \(by stage: (\d+) of 100\)/);
    expect(last.join("\n")).toMatch(
      /Oracle collapsed: half or more of the 63 items up to item 62 had logits that are not finite;/,
    );
    const file = join(folder, "run", "results.ndjson");
    const [told] = parseRecords(readFileSync(file, "utf8"), file);
    expect(told?.refusedUpdates[0]).toBeGreaterThan(50);
    expect(told?.collapse).toEqual({ item: 62, window: 63, class: null });
    for (const { bytes } of loadSafetensors(weights).values())
      expect(new Float32Array(bytes.slice().buffer).every(Number.isFinite)).toBe(true);
    const report = readFileSync(join(folder, "run", "report.html"), "utf8");
    expect(report).toMatch(/class="warning">Oracle collapsed/);
  });

  it.each(["NaN", "0", "1e39"])("is not begun with a learning rate of %s", async (rate) => {
    const outcome = await ferret(["run", "--model", "mlp", "--items", "5", "--lr", rate]);
    expect(outcome.code).toBe(2);
    expect(complaints(outcome).join()).toMatch(
      /^ferret: Expected a (positive )?number .*(--lr|learningRate)/,
    );
  });

  it("is in the words of a record, with the shares of each stage, and in its page", () => {
    const bad = record({
      label: "Ferret M",
      refusedUpdates: [1, 3],
      staleness: [
        { stage: 0, histogram: [4, 5] },
        { stage: 1, histogram: [7] },
      ],
      collapse: { item: 99, window: 63, class: 4 },
    });
    expect(remarks(bad, { compensation: bad.compensation }).slice(-2)).toEqual([
      "Ferret M: 4 updates were refused (by stage: 1 of 10, 3 of 10), for gradients that were " +
        "not finite, or were above 1e18; take a smaller --lr or scale the inputs",
      "Ferret M collapsed: it predicted class 4 for all of the 63 items up to item 99, whatever " +
        "their labels; its accuracy is meaningless; take a smaller --lr or scale the inputs",
    ]);
    const none = record({ label: "Ferret M", collapse: { item: 99, window: 63, class: null } });
    expect(remarks(none, { compensation: none.compensation })).toContain(
      "Ferret M collapsed: half or more of the 63 items up to item 99 had logits that are not " +
        "finite; its accuracy is meaningless; take a smaller --lr or scale the inputs",
    );
    const steep = record({ label: "Ferret M", refusedUpdates: [1], learningRate: 20 });
    expect(remarks(steep, { compensation: steep.compensation }).join()).toContain(
      "for gradients that, times the learning rate of 20, were not finite, or were above 1e18;",
    );
    expect(renderReport([bad], { title: "bad" })).toContain('class="warning">Ferret M collapsed');
    expect(renderReport([record()], { title: "good" })).not.toContain('class="warning"');
  });
});

it("late descent of the compensation experiment refuses the same gradients, and counts them", () => {
  const { model } = prepareModel(base.model, dataset.train);
  const { runtime, kernels } = native;
  const common = {
    model,
    runtime,
    kernels,
    stream,
    optimizer: createOptimizer("sgd", {}, kernels),
    staleness: 2,
    seed: 0,
    repair: "exact",
  } as const;
  expect(delayedSgd({ ...common, learningRate: 0.05 }).faults).toBe(0);
  const { oacc, faults } = delayedSgd({ ...common, learningRate: 1e10 });
  expect(Number.isFinite(oacc)).toBe(true);
  expect(faults).toBeGreaterThan(0);
});
