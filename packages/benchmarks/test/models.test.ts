import { builtInModels as models, parseModel, type StoredTensor } from "@ferret-ocl/pipeline";
import { arrangeParameters } from "@ferret-ocl/pipeline/engine";
import { describe, expect, it } from "vitest";

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

  it.each([
    ["resnet18", torchvisionResNet18()],
    ["mobilenet", torchMobileNet()],
  ])("take the tensors of %s as PyTorch names and shapes them", (name, tensors) => {
    const model = parseModel(models[name]?.([224, 224, 3], 1000));
    expect(arrangeParameters(model, tensors)).toHaveLength(model.parameterCount);
    for (const missing of ["fc.bias", [...tensors.keys()][7] as string]) {
      const fewer = new Map(tensors);
      fewer.delete(missing);
      expect(() => arrangeParameters(model, fewer)).toThrow(missing);
    }
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

type Shapes = Record<string, number[]>;

/** A state dictionary of zeros, as PyTorch would save it. */
function stateDictionary(shapes: Shapes): Map<string, StoredTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const bytes = new Uint8Array(4 * shape.reduce((a, b) => a * b, 1));
      return [name, { dtype: name.endsWith("tracked") ? "I64" : "F32", shape, bytes }];
    }),
  );
}

function batchNorm(name: string, channels: number): Shapes {
  const fields = ["weight", "bias", "running_mean", "running_var"];
  return {
    ...Object.fromEntries(fields.map((field) => [`${name}.${field}`, [channels]])),
    [`${name}.num_batches_tracked`]: [],
  };
}

/** The tensors of torchvision.models.resnet18. */
function torchvisionResNet18(): Map<string, StoredTensor> {
  const shapes: Shapes = { "conv1.weight": [64, 3, 7, 7], ...batchNorm("bn1", 64) };
  let channels = 64;
  [64, 128, 256, 512].forEach((filters, group) => {
    for (const block of [0, 1]) {
      const name = `layer${group + 1}.${block}`;
      Object.assign(shapes, {
        [`${name}.conv1.weight`]: [filters, channels, 3, 3],
        ...batchNorm(`${name}.bn1`, filters),
        [`${name}.conv2.weight`]: [filters, filters, 3, 3],
        ...batchNorm(`${name}.bn2`, filters),
      });
      if (channels !== filters)
        Object.assign(shapes, {
          [`${name}.downsample.0.weight`]: [filters, channels, 1, 1],
          ...batchNorm(`${name}.downsample.1`, filters),
        });
      channels = filters;
    }
  });
  return stateDictionary({ ...shapes, "fc.weight": [1000, 512], "fc.bias": [1000] });
}

/** The same of MobileNet V1 as the usual PyTorch code builds it, `model` of blocks and `fc`. */
function torchMobileNet(): Map<string, StoredTensor> {
  const shapes: Shapes = { "model.0.0.weight": [32, 3, 3, 3], ...batchNorm("model.0.1", 32) };
  let channels = 32;
  [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024].forEach((filters, index) => {
    const name = `model.${index + 1}`;
    Object.assign(shapes, {
      [`${name}.0.weight`]: [channels, 1, 3, 3],
      ...batchNorm(`${name}.1`, channels),
      [`${name}.3.weight`]: [filters, channels, 1, 1],
      ...batchNorm(`${name}.4`, filters),
    });
    channels = filters;
  });
  return stateDictionary({ ...shapes, "fc.weight": [1000, 1024], "fc.bias": [1000] });
}
