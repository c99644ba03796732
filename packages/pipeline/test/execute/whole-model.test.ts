import { describe, expect, it } from "vitest";
import { Ledger, loadRuntime, WholeModel, wholeModelBytes } from "../../src/engine.js";
import { parseModel } from "../../src/index.js";

const [batch, inputLength, classes] = [3, 4, 2];
const layer = (class_name: string, config: object) => ({ class_name, config });
const model = parseModel({
  class_name: "Sequential",
  config: {
    name: "small",
    layers: [
      layer("Dense", { name: "first", units: 5, batch_input_shape: [null, inputLength] }),
      layer("BatchNormalization", { name: "norm" }),
      layer("Activation", { name: "active", activation: "relu" }),
      layer("Dense", { name: "last", units: classes }),
    ],
  },
});
/** Where the moving mean and variance lie: behind kernel, bias, scale and shift. */
const statistics = { begin: 5 * inputLength + 5 + 10, end: 5 * inputLength + 5 + 20 };
const wave = (length: number, pace: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(pace * (index + 1)));

describe("the whole model, for an algorithm", () => {
  it("has gradients as finite differences show, none of moving statistics, in the bytes it told", async () => {
    const { runtime } = await loadRuntime({ name: "tfjs", backends: ["cpu"] });
    const ledger = new Ledger(null);
    const access = new WholeModel(model, runtime, batch, ledger, () => {});
    expect(ledger.peak.total).toBe(wholeModelBytes(model, runtime, batch));
    const parameters = wave(model.parameterCount, 0.7).fill(1, statistics.begin, statistics.end);
    const x = wave(batch * inputLength, 1.3);
    const weights = wave(batch * classes, 2.1);
    const gradient = new Float32Array(parameters.length).fill(9);
    /** Σ weight x logit, whose gradient at the logits are the weights. */
    const valueAt = (at: Float32Array, target: Float32Array) => {
      let value = 0;
      const atLogits = (logits: Float32Array) => {
        value = weights.reduce((sum, weight, index) => sum + weight * (logits[index] as number), 0);
        logits.set(weights);
      };
      access.gradient(at, x, batch, atLogits, target);
      return value;
    };
    valueAt(parameters, gradient);
    const spare = new Float32Array(parameters.length);
    const step = 2 ** -8;
    parameters.forEach((_, place) => {
      const isStatistic = place >= statistics.begin && place < statistics.end;
      const at = (shift: number) =>
        valueAt(
          parameters.map((value, index) => (index === place ? value + shift : value)),
          spare,
        );
      const slope = isStatistic ? 0 : (at(step) - at(-step)) / (2 * step);
      expect(Math.abs((gradient[place] as number) - slope)).toBeLessThan(0.02);
    });
    access.dispose();
  });

  it.each([{ name: "native" as const }, { name: "tfjs" as const, backends: ["cpu" as const] }])(
    "descends along its gradient, moving statistics apart, on $name",
    async (choice) => {
      const { runtime } = await loadRuntime(choice);
      const access = new WholeModel(model, runtime, batch, new Ledger(null), () => {});
      const parameters = wave(model.parameterCount, 0.7).fill(1, statistics.begin, statistics.end);
      const x = wave(batch * inputLength, 1.3);
      const at = (scale: number) => (logits: Float32Array) =>
        logits.set(wave(batch * classes, 2.1).map((weight) => scale * weight));
      const [gradient, stepped] = [parameters.slice(), parameters.slice()];
      access.gradient(parameters, x, batch, at(1), gradient);
      access.descend(parameters, x, batch, at(1), stepped, 0.3);
      parameters.forEach((value, place) => {
        const expected = value - 0.3 * (gradient[place] as number);
        expect(Math.abs((stepped[place] as number) - expected)).toBeLessThan(1e-6);
      });
      expect(gradient.some((slope) => Math.abs(slope) > 0.1)).toBe(true);
      for (const scale of [1e30, Number.NaN]) {
        access.descend(parameters, x, batch, at(scale), stepped, 0.3);
        expect(stepped).toEqual(parameters);
      }
      access.dispose();
    },
  );
});
