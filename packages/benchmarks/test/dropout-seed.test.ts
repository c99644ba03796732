import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayerConfiguration } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";
import { glyphs } from "../src/datasets/glyphs.js";
import { prepareModel } from "../src/prepare.js";

it("Dropout layers without a seed draw by the run's, the same for the same one", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferret-dropout-"));
  const { train } = glyphs(0);
  const file = join(folder, "model.json");
  const layers = [
    { class_name: "Flatten", config: { batch_input_shape: [null, ...train.inputShape] } },
    { class_name: "Dropout", config: { rate: 0.5 } },
    { class_name: "Dense", config: { units: train.classes } },
  ];
  writeFileSync(file, JSON.stringify({ class_name: "Sequential", config: { layers } }));
  const seedOf = (seed: number): unknown => {
    const { model } = prepareModel(file, train, { seed });
    const configurations = model.layers.map(({ configuration }) => configuration);
    const dropout = configurations.find(({ kind }) => kind === "dropout") as LayerConfiguration & {
      readonly seed: number;
    };
    return dropout.seed;
  };
  expect(seedOf(3)).toBe(seedOf(3));
  expect(seedOf(3)).not.toBe(seedOf(4));
  rmSync(folder, { recursive: true });
});
