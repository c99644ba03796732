import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { loadNativeRuntime, loadTfjsRuntime } from "../../src/engine.js";
import { InputError, parseModel, type Runtime } from "../../src/index.js";
import { type Case, kinds } from "./runtime-cases.js";
import { betweenRuntimes, expectSame } from "./runtime-expect.js";
import { passes } from "./runtime-passes.js";
import { tapePasses, tf } from "./tape.js";

const tapeTolerance = 5e-6;

/** Where tfjs-node is not: in the packages of this repository. */
beforeAll(() => void vi.stubEnv("FERRET_TFJS_NODE", ""));

const native = await loadNativeRuntime().catch((error: Error) => {
  if (!(error instanceof InputError)) throw error;
  console.warn(`Native against tfjs is not tested: ${error.message}`);
  return null;
});

/** Whether the native programs have the layers of a case. */
function hasNative({ specification, batch }: Case): boolean {
  try {
    native?.compile(parseModel(specification).layers, batch).dispose();
    return native !== null;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

describe.each(["wasm", "cpu"] as const)("tfjs runtime on %s", (backend) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await loadTfjsRuntime([backend]);
    expect(tf.getBackend()).toBe(backend);
  });

  it.for(kinds)(
    "agrees with the native programs on %s, wherever it is cut",
    ([, cases], { skip }) => {
      let compared = 0;
      fc.assert(
        fc.property(cases, fc.nat(), (each, cut) => {
          if (!hasNative(each)) return;
          expectSame(passes(native!, each, cut), passes(runtime, each, cut), betweenRuntimes);
          compared++;
        }),
        { numRuns: 25, seed: 5 },
      );
      if (compared === 0) skip("the native programs have no such layer");
    },
  );

  it("leaves no tensors behind", () => {
    const drawn = kinds.flatMap(([, cases]) => fc.sample(cases, { numRuns: 1, seed: 3 }));
    for (const each of drawn) passes(runtime, each, 1);
    const before = tf.memory().numTensors;
    for (const each of drawn) passes(runtime, each, 1);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("tfjs runtime", () => {
  /** tfjs cannot learn with a batch or layer normalisation that lacks gamma or beta. */
  const tapeKnows = ({ specification }: Case) =>
    // Nor does it differentiate windows with gaps, or know groups.
    specification.config.layers.every(
      ({ config }) =>
        Math.max(...((config.dilation_rate as number[] | undefined) ?? [1])) === 1 &&
        (config.groups === undefined || "epsilon" in config),
    ) &&
    specification.config.layers.every(
      ({ class_name, config }) =>
        !["BatchNormalization", "LayerNormalization"].includes(class_name) ||
        (config.scale !== false && config.center !== false),
    ) &&
    // Its tape spreads the mean of a window over the padding, which the forward leaves out.
    specification.config.layers.every(
      ({ class_name, config }) => class_name !== "AveragePooling2D" || config.padding === "valid",
    );

  it.each(kinds.filter(([name]) => name !== "Dropout"))(
    "learns, predicts and differentiates %s as tfjs' own layers do",
    async (_, cases) => {
      const runtime = await loadTfjsRuntime(["cpu"]);
      await fc.assert(
        fc.asyncProperty(cases.filter(tapeKnows), async (each) => {
          expectSame(passes(runtime, each, 0), await tapePasses(each), tapeTolerance);
        }),
        { numRuns: 15, seed: 7 },
      );
    },
  );

  it.each(kinds)("gives the same of %s on wasm as on cpu", async (_, cases) => {
    const drawn = fc.sample(cases, { numRuns: 15, seed: 11 });
    const wasm = await loadTfjsRuntime(["wasm"]);
    const composed = drawn.map((each) => passes(wasm, each, 1));
    const cpu = await loadTfjsRuntime(["cpu"]);
    drawn.forEach((each, index) => {
      expectSame(composed[index]!, passes(cpu, each, 1), betweenRuntimes);
    });
  });

  it("says which backends it tried and what to install", async () => {
    await expect(loadTfjsRuntime(["node-gpu", "node"])).rejects.toThrow(
      /node-gpu: .*node: .*; build tfjs-node's addon with npx @ferret-ocl\/tfjs-node-build, or install @tensorflow\/tfjs-backend-wasm or choose cpu$/,
    );
  });

  it("asks for at least one backend", async () => {
    await expect(loadTfjsRuntime([])).rejects.toThrow(
      "Expected one or more of node-gpu, node, wasm, cpu for backends but received [] of type array",
    );
  });

  it("passes over a backend that is not installed", async () => {
    const runtime = await loadTfjsRuntime(["node", "cpu"]);
    expect(runtime.description).toMatch(/^tfjs [\d.]+ on its cpu backend/);
  });
});
