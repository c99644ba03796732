import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegressionMetrics } from "../../src/metrics/regression-metrics.js";

/** Two outputs of 200 samples, near -5 .. 5 and 100 .. 101, and predictions of them. */
function stream() {
  let state = 7;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const [values, targets] = [new Float32Array(400), new Float32Array(400)];
  for (let at = 0; at < 400; at += 2) {
    targets[at] = 10 * draw() - 5;
    targets[at + 1] = 100 + draw();
    values[at] = targets[at]! + draw() - 0.5;
    values[at + 1] = targets[at + 1]! + 0.4 * (draw() - 0.5);
  }
  return { values, targets };
}

const scoresOf = (values: number[], targets: number[], outputs = 1) => {
  const metrics = new RegressionMetrics(outputs);
  metrics.add(Float32Array.from(values), Float32Array.from(targets), values.length / outputs);
  return metrics.scores;
};

describe("prequential errors", () => {
  it("are those of River's documentation, sample by sample", () => {
    const metrics = new RegressionMetrics(1);
    const targets = [3, -0.5, 2, 7];
    const seen = [2.5, 0, 2, 8].map((value, at) => {
      metrics.add(Float32Array.of(value), Float32Array.of(targets[at]!), 1);
      const { mae, rmse, r2 } = metrics.scores;
      return [mae, rmse, r2];
    });
    // The examples in the docstrings of river.metrics' MAE, RMSE and R2.
    const river = [
      [0.5, 0.5, 0],
      [0.5, 0.5, 0.9183],
      [0.333, 0.408248, 0.923],
      [0.5, 0.612372, 0.9486],
    ];
    for (const [at, row] of river.entries())
      for (const [figure, value] of row.entries())
        expect(Math.abs(seen[at]![figure]! - value)).toBeLessThan(4e-4);
  });

  // scikit-learn 1.9.1 on the same numbers: mean_absolute_error, root_mean_squared_error, r2_score
  // of the first n samples, `multioutput` "uniform_average" and then "raw_values".
  it.each([
    [2, 0.15026366710662842, 0.15063501594032538, -17.36274288058859],
    [50, 0.16692638918757438, 0.19797931726742612, 0.922900442772332],
    [200, 0.17680537151405587, 0.20432000664200217, 0.9199387622247228],
  ])("of %d samples of two outputs are scikit-learn's", (count, mae, rmse, r2) => {
    const metrics = new RegressionMetrics(2);
    const { values, targets } = stream();
    // However the stream is cut into items.
    for (let at = 0; at < count; at += 10) {
      const size = Math.min(10, count - at);
      metrics.add(values.subarray(2 * at), targets.subarray(2 * at), size);
    }
    const { scores } = metrics;
    expect(scores.samples).toBe(count);
    expect(scores.mae).toBeCloseTo(mae, 12);
    expect(scores.rmse).toBeCloseTo(rmse, 12);
    expect(scores.r2).toBeCloseTo(r2, 10);
    if (count < 200) return;
    expect(scores.outputs[0]!.rmse).toBeCloseTo(0.2927233543245998, 12);
    expect(scores.outputs[0]!.r2).toBeCloseTo(0.9899158743417971, 10);
    expect(scores.outputs[1]!.mae).toBeCloseTo(0.10078422546386719, 12);
    expect(scores.outputs[1]!.r2).toBeCloseTo(0.8499616501076486, 10);
  });

  it("keep their digits where targets are far from 0", () => {
    // By whole numbers, which float32 has up to 2^24: the variance is 2, exactly.
    const targets = [-2, -1, 0, 1, 2].map((value) => 2 ** 23 + value);
    const values = targets.map((value) => value + 1);
    const { outputs: _, ...scores } = scoresOf(values, targets);
    expect(scores).toEqual({ samples: 5, mae: 1, rmse: 1, r2: 1 - 5 / 10 });
  });

  it("are the closed forms, in two passes over all samples", () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 2 }), (pairs) => {
        const [values, targets] = [pairs.map(([z]) => z), pairs.map(([, y]) => y)];
        const mean = targets.reduce((sum, y) => sum + y, 0) / targets.length;
        const squares = pairs.reduce((sum, [z, y]) => sum + (z - y) ** 2, 0);
        const spread = targets.reduce((sum, y) => sum + (y - mean) ** 2, 0);
        const scores = scoresOf(values, targets);
        expect(scores.rmse).toBeCloseTo(Math.sqrt(squares / pairs.length), 8);
        const r2 = spread === 0 ? 0 : 1 - squares / spread;
        expect(Math.abs(scores.r2 - r2)).toBeLessThan(1e-9 * (1 + Math.abs(r2)));
      }),
    );
  });

  it("are 0 of no samples; R2 of one, and of equal targets, as River has it", () => {
    const nothing = { mae: 0, rmse: 0, r2: 0 };
    expect(new RegressionMetrics(1).scores).toEqual({ samples: 0, ...nothing, outputs: [nothing] });
    expect(scoresOf([1], [3])).toMatchObject({ mae: 2, rmse: 2, r2: 0 });
    expect(scoresOf([1, 5], [3, 3])).toMatchObject({ mae: 2, rmse: 2, r2: 0 });
  });

  it("say that a prediction was no number", () => {
    expect(scoresOf([Number.NaN, 1], [1, 1])).toMatchObject({ mae: Number.NaN, rmse: Number.NaN });
  });
});
