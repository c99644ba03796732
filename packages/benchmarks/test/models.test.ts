import { parseModel } from "@ferret-ocl/pipeline";
import { describe, expect, it } from "vitest";
import { models } from "../src/models/registry.js";

describe("models", () => {
  // Parameters as torchvision counts them (resnet18), as the MobileNet and dataset condensation
  // papers' implementations do (convnet without its biases), and the moving statistics of batch
  // normalisation.
  it.each([
    ["mlp", [54], 7, 54 * 256 + 256 + 256 * 256 + 256 + 256 * 7 + 7, 0],
    ["mnistnet", [28, 28, 1], 10, 1_199_882, 0],
    ["convnet", [32, 32, 3], 10, 320_010 - 3 * 128, 0],
    ["resnet18", [224, 224, 3], 1000, 11_689_512, 2 * 4800],
    ["resnet18", [32, 32, 3], 10, 11_173_962, 2 * 4800],
    ["mobilenet", [224, 224, 3], 1000, 4_231_976, 21_888],
  ])("%s on %j", (name, inputShape, classes, trained, statistics) => {
    const model = parseModel(models[name]?.(inputShape, classes));
    expect(model.classes).toBe(classes);
    const moving = model.layers
      .flatMap(({ parameters }) => parameters)
      .filter(({ momentum }) => momentum !== undefined)
      .reduce((sum, { shape }) => sum + (shape[0] as number), 0);
    expect(moving).toBe(statistics);
    expect(model.parameterCount - moving).toBe(trained);
  });

  it("keep images small to the last group, whatever the stem", () => {
    const shapes = (name: string, size: number) =>
      parseModel(models[name]?.([size, size, 3], 10)).layers.map(
        ({ outputShape }) => outputShape[0],
      );
    expect(new Set(shapes("resnet18", 32))).toEqual(new Set([32, 16, 8, 4, 512, 10]));
    expect(new Set(shapes("resnet18", 224))).toEqual(new Set([112, 56, 28, 14, 7, 512, 10]));
    expect(new Set(shapes("mobilenet", 32))).toEqual(new Set([32, 16, 8, 4, 2, 1024, 10]));
    expect(new Set(shapes("mobilenet", 224))).toEqual(new Set([112, 56, 28, 14, 7, 1024, 10]));
  });

  it("make one layer of each residual block, with its rectifier", () => {
    const { layers } = parseModel(models.resnet18?.([32, 32, 3], 10));
    const blocks = layers.filter(({ configuration }) => configuration.kind === "residual");
    expect(blocks.map(({ name }) => name)).toEqual(
      [1, 2, 3, 4].flatMap((group) => [`layer${group}.0`, `layer${group}.1`]),
    );
    for (const { configuration } of blocks)
      expect(configuration).toHaveProperty("activation", "relu");
    expect(layers).toHaveLength(2 + 8 + 2);
  });
});
