import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { parseModel } from "@ferret-ocl/pipeline";
import { allocateParameters, Ledger } from "@ferret-ocl/pipeline/engine";
import { expect, it } from "vitest";
import { loadMachinery } from "../src/machinery.js";
import { methodNames } from "../src/methods/registry.js";
import { run } from "../src/run.js";
import type { RunSetting } from "../src/setting.js";
import { createStream } from "../src/streams/registry.js";
import { loadShort } from "./runs.js";
import { setting } from "./samples.js";

const layer = (class_name: string, config: object) => ({ class_name, config });
/** The second of four dense layers is frozen. */
const specification = {
  class_name: "Sequential",
  config: {
    layers: [
      layer("Flatten", { batch_input_shape: [null, 28, 28, 1] }),
      layer("Dense", { name: "a", units: 8, activation: "relu" }),
      layer("Dense", { name: "b", units: 6, activation: "relu", trainable: false }),
      layer("Dense", { name: "c", units: 8, activation: "relu" }),
      layer("Dense", { name: "d", units: 10 }),
    ],
  },
};
const file = join(mkdtempSync(join(tmpdir(), "ferret-frozen-")), "model.json");
writeFileSync(file, JSON.stringify(specification));
const [first, frozen] = [784 * 8 + 8, 8 * 6 + 6];
const start = allocateParameters(parseModel(specification), new Ledger(null), { seed: 0 });
const machinery = await loadMachinery();

async function expectFrozen(change: Partial<RunSetting>): Promise<void> {
  const asked = setting({ model: file, compensation: "auto", items: 16, ...change });
  const dataset = await loadShort(asked.dataset, asked);
  const stream = createStream(dataset, asked);
  let end: Float32Array | null = null;
  const onTrained = (_: unknown, parameters: Float32Array) => {
    end = parameters;
  };
  await run({ setting: asked, dataset, stream, machinery, stop: { requested: false }, onTrained });
  const trained = end as unknown as Float32Array;
  const part = (all: Float32Array, from: number, length: number) => [
    ...all.subarray(from, from + length),
  ];
  expect(part(trained, first, frozen)).toEqual(part(start, first, frozen));
  // All the others have moved, or have not even been reached by a gradient.
  expect(part(trained, first + frozen, 56)).not.toEqual(part(start, first + frozen, 56));
  expect(part(trained, 0, first)).not.toEqual(part(start, 0, first));
}

it.each(methodNames)("a frozen layer stays as it is: %s", async (method) => {
  const compensation = ["ferret", "pipedream", "pipedream-2bw"].includes(method) ? "auto" : "none";
  await expectFrozen({ method, compensation });
});

it.each(methodNames)("a frozen layer stays as it is on threads: %s", async (method) => {
  await expectFrozen({ method, engine: "threads", compensation: "none" });
});

it.each(algorithmNames)("a frozen layer stays as it is: %s", async (algorithm) => {
  await expectFrozen({ algorithm });
});
