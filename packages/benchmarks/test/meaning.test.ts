// What the numbers of classes and inputs mean is saved with a model, and holds when it goes on.
import { join } from "node:path";
import { loadSafetensors, saveLayersModel, saveSafetensors } from "@ferret-ocl/pipeline";
import {
  nameParameters,
  readLayersModelMetadata,
  readSafetensorsMetadata,
} from "@ferret-ocl/pipeline/engine";
import { beforeAll, describe, expect, it } from "vitest";
import { dataLoader } from "../src/commands/table-options.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import {
  type Meaning,
  meaningOf,
  modelMetadata,
  readMeaning,
  weightsMetadata,
  withMeaning,
} from "../src/meaning.js";
import { Random } from "../src/random.js";
import { run } from "../src/run.js";
import type { RunSetting } from "../src/setting.js";
import { createStream } from "../src/streams/registry.js";
import { inputError, inputErrorOf, workplace } from "./datasets-encode.js";
import { setting } from "./samples.js";

const { folder, write } = workplace();
let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const heights: Readonly<Record<string, number>> = {
  ash: 1_000,
  birch: 2_000,
  cedar: 3_000,
  oak: 9,
};

/** Trees whose height tells what they are, far from 0 and in turn. */
function forest(name: string, rows: number, kinds: readonly string[], seed: number): string {
  const random = new Random(seed);
  const lines = Array.from({ length: rows }, () => {
    const kind = kinds[random.below(kinds.length)] as string;
    const height = (heights[kind] as number) + random.between(-100, 100);
    return `${height.toFixed(1)},${random.between(0, 5).toFixed(2)},${kind}`;
  });
  return write(name, `height,age,kind\n${lines.join("\n")}`);
}

/** A run as the command makes it; what it learned is saved as `files` says. */
async function learn(
  change: Partial<RunSetting>,
  files: { model?: string; weights?: string } = {},
) {
  const own = setting({
    method: "oracle",
    items: null,
    learningRate: 0.1,
    order: "given",
    ...change,
  });
  const dataset = await dataLoader([own.dataset], own)(own.dataset, own.seed);
  const stream = createStream(dataset, own);
  return run({
    setting: own,
    dataset,
    stream,
    machinery,
    onTrained(model, parameters, items) {
      const means = meaningOf(dataset, stream, own, items);
      if (files.model) saveLayersModel(files.model, model, parameters, modelMetadata(means));
      if (files.weights)
        saveSafetensors(files.weights, nameParameters(model, parameters), weightsMetadata(means));
    },
  });
}

describe("a model that goes on", () => {
  const files = { model: join(folder, "saved"), weights: join(folder, "saved.safetensors") };
  let without: string;
  beforeAll(async () => {
    const all = forest("all.csv", 1_000, ["ash", "birch", "cedar"], 1);
    without = forest("without-ash.csv", 200, ["birch", "cedar"], 2);
    expect((await learn({ dataset: all }, files)).tacc).toBe(100);
  });

  it.each([
    ["a LayersModel", { model: files.model }],
    ["weights", { weights: files.weights }],
  ])("from %s is right from the first item, where a class has not come", async (_, begin) => {
    const made = await learn({ dataset: without, ...begin });
    expect(made.oacc).toBe(100);
    expect(made.tacc).toBe(100);
    expect(made.scale).toBe("running");
  });

  it("goes on from the counts of its scaling, twice over", async () => {
    const counts = async (begin: Partial<RunSetting>, model: string) => {
      await learn({ dataset: without, ...begin }, { model });
      return readMeaning({ model })?.scaling?.state?.count;
    };
    const [once, twice] = [join(folder, "once"), join(folder, "twice")];
    expect(readMeaning(files)?.scaling?.state?.count).toBe(800);
    expect(await counts({ model: files.model }, once)).toBe(960);
    expect(await counts({ model: once }, twice)).toBe(1_120);
  });

  it("refuses a class that it does not know, by name, and another scale", async () => {
    const dataset = forest("oak.csv", 100, ["birch", "oak"], 3);
    expect(await inputErrorOf(learn({ dataset, model: files.model }))).toBe(
      'Expected only classes in oak.csv that the saved model knows, "ash", "birch", "cedar", ' +
        'but found "oak"; leave its samples out, or train again without the saved weights',
    );
    const other = { dataset: without, weights: files.weights, scale: "file" } as const;
    expect(await inputErrorOf(learn(other))).toMatch(
      /Expected "running" for --scale, as the model/,
    );
  });
});

describe("what a file says of its model", () => {
  const means: Meaning = {
    classes: ["ash", "birch"],
    scaling: { scale: "file", state: { count: 3, mean: [0.1], squares: [1 / 3], flags: [false] } },
  };

  it("comes back to the bit; tensors are as without it", () => {
    const file = join(folder, "one.safetensors");
    const values = Float32Array.of(1, 2, 3);
    saveSafetensors(file, new Map([["a/kernel", { shape: [3], values }]]), weightsMetadata(means));
    expect(readMeaning({ weights: file, model: "elsewhere" })).toEqual(means);
    expect([...loadSafetensors(file).keys()]).toEqual(["a/kernel"]);
    const plain = join(folder, "plain.safetensors");
    saveSafetensors(plain, new Map([["a/kernel", { shape: [3], values }]]));
    expect(readSafetensorsMetadata(plain)).toBe(null);
    expect(readMeaning({ weights: plain })).toBe(null);
  });

  it("is nothing where there is no such file, or it is of another tool", () => {
    expect(readMeaning({ model: "mlp" })).toBe(null);
    expect(readMeaning({ weights: join(folder, "missing") })).toBe(null);
    expect(readMeaning({ weights: write("short", "abc") })).toBe(null);
    const other = write("other.json", JSON.stringify({ userDefinedMetadata: { theirs: 1 } }));
    expect(readLayersModelMetadata(other)).toEqual({ theirs: 1 });
    expect(readMeaning({ model: other })).toBe(null);
  });

  it.each([
    { classes: [], scaling: null },
    { classes: ["a", 1], scaling: null },
    { classes: ["a"], scaling: { scale: "sideways", state: null } },
    { classes: ["a"], scaling: { scale: "file", state: { count: 1 } } },
    "no JSON",
    7,
  ])("is refused where it is damaged: %j", (ferret) => {
    const file = write("damaged.json", JSON.stringify({ userDefinedMetadata: { ferret } }));
    expect(inputError(() => readMeaning({ model: file }))).toMatch(
      /^Expected classes and scaling of inputs under "ferret" in the metadata of .*damaged\.json/,
    );
  });

  it("leaves data as they are whose classes are the model's, or have no names", async () => {
    const dataset = await dataLoader(["glyphs"], {})("glyphs", 0);
    const classes = dataset.classNames ?? [];
    expect(withMeaning(dataset, { classes, scaling: null })).toBe(dataset);
    const { classNames, ...nameless } = dataset;
    expect(withMeaning(nameless, { classes: ["a"], scaling: null })).toBe(nameless);
    const turned = withMeaning(dataset, { classes: [...classes].reverse(), scaling: null });
    expect(turned.train.label(0)).toBe(classes.length - 1 - dataset.train.label(0));
    expect(turned.train).toHaveProperty("readRotated");
  });
});
