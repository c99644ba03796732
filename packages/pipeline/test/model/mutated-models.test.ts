import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrangeParameters } from "../../src/engine.js";
import { InputError, loadModel, loadSafetensors, parseModel } from "../../src/index.js";
import { initialise } from "../../src/model/initialise.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-mutated-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => fileURLToPath(new URL(`../files/${name}`, import.meta.url));

/** Whatever a file says, it is refused as input, or gives a model whose numbers are numbers. */
function expectRightOrRefused(read: () => Float32Array | undefined): void {
  try {
    const parameters = read();
    expect(parameters?.every(Number.isFinite) ?? true).toBe(true);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).not.toMatch(/\p{Cc}|\[object|undefined of type undefined of/u);
    expect(error.message.length).toBeLessThan(1200);
  }
}

/** Every place in a JSON value, as the path to it. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, each]) =>
          places(each, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return path.length === 0 ? inner : [path, ...inner];
}

const odd = fc.constantFrom<unknown>(
  ...[null, true, false, 0, -1, 1, 2, 3.5, 1e7, 1e308, -0, "", "relu", "in", "\u001b[2J"],
  ...[[], {}, [null], [[]], [1, 2, 3], { class_name: "Zeros" }, { config: null }, [null, 2, 2, 2]],
);

describe.each(["sequential", "functional"])("a mutated %s model", (name) => {
  const text = readFileSync(join(fixture(`keras/${name}`), "model.json"), "utf8");
  const weights = readFileSync(join(fixture(`keras/${name}`), "group1-shard1of1.bin"));
  const paths = places(JSON.parse(text));
  const read = (content: string) => {
    writeFileSync(join(folder, "model.json"), content);
    return loadModel(folder).parameters;
  };
  beforeAll(() => writeFileSync(join(folder, "group1-shard1of1.bin"), weights));

  it("is read right or refused, with any value or none in any place", () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), odd, fc.boolean(), (path, value, removes) => {
        const content = JSON.parse(text);
        const last = path[path.length - 1] as string;
        const parent = path.slice(0, -1).reduce((at, key) => at[key], content);
        if (removes) delete parent[last];
        else parent[last] = value;
        expectRightOrRefused(() => read(JSON.stringify(content)));
        // Without weights too.
        const topology = content.modelTopology?.model_config;
        expectRightOrRefused(() => void parseModel(topology));
      }),
      { numRuns: 200 },
    );
  });

  it("is read right or refused, with any bytes in its text", () => {
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom("", '"', "}", "[", ",", "0", "-", "e", "\\", "\u0000", "é"),
        (at, piece) =>
          expectRightOrRefused(() => read(text.slice(0, at) + piece + text.slice(at + 1))),
      ),
      { numRuns: 200 },
    );
  });
});

it("a mutated specification of every other kind is read right or refused", () => {
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const specification = {
    class_name: "Sequential",
    config: {
      layers: [
        layer("InputLayer", { name: "in", batch_input_shape: [null, 7, 6, 4] }),
        layer("Conv2D", { filters: 6, kernel_size: 2, groups: 2, dilation_rate: [2, 1] }),
        layer("LeakyReLU", { alpha: 0.1 }),
        layer("DepthwiseConv2D", { kernel_size: [2, 1], depth_multiplier: 2, activation: "gelu" }),
        layer("GroupNormalization", { groups: 3, epsilon: 0.01 }),
        layer("SeparableConv2D", { filters: 3, kernel_size: 2, pointwise_initializer: "ones" }),
        layer("ELU", { alpha: 0.5 }),
        layer("LayerNormalization", { axis: [-1], center: false }),
        layer("Dropout", { rate: 0.5, seed: 3 }),
        layer("Flatten", {}),
        layer("Dense", { units: 4, activation: "tanh" }),
        layer("Softmax", { axis: -1 }),
      ],
    },
  };
  expect(parseModel(specification).classes).toBe(4);
  const paths = places(specification);
  fc.assert(
    fc.property(fc.constantFrom(...paths), odd, fc.boolean(), (path, value, removes) => {
      const content = structuredClone(specification);
      const last = path[path.length - 1] as string;
      const parent = path
        .slice(0, -1)
        .reduce<Record<string, unknown>>((at, key) => at[key] as never, content as never);
      if (removes) delete parent[last];
      else parent[last] = value;
      expectRightOrRefused(() => initialise(parseModel(content), 1));
    }),
    { numRuns: 400 },
  );
});

describe("a mutated safetensors file", () => {
  const bytes = readFileSync(fixture("torch/normalised.safetensors"));
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const model = parseModel({
    class_name: "Sequential",
    config: {
      layers: [
        layer("InputLayer", { name: "in", batch_input_shape: [null, 4, 5, 2] }),
        layer("Conv2D", { name: "conv", filters: 3, kernel_size: 2 }),
        layer("Flatten", { name: "flat" }),
        layer("BatchNormalization", { name: "norm", epsilon: 1e-5 }),
        layer("Dense", { name: "fc", units: 4 }),
      ],
    },
  });
  const file = () => join(folder, "mutated.safetensors");

  it("is read right or refused", () => {
    const header = Number(bytes.readBigUInt64LE());
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(header + 8), fc.nat(bytes.length - 1)),
        fc.nat(255),
        fc.option(fc.nat(bytes.length)),
        (at, value, end) => {
          const mutated = Uint8Array.from(bytes.subarray(0, end ?? bytes.length));
          mutated[at] = value;
          writeFileSync(file(), mutated);
          expectRightOrRefused(() => {
            const tensors = loadSafetensors(file());
            tensors.delete("input");
            tensors.delete("logits");
            return arrangeParameters(model, tensors);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
