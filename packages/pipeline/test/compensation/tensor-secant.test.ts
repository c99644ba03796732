import { createCompensator } from "@ferret-ocl/compensation";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  descend,
  learningRate,
  onArrays,
  onTensors,
  onTheirOwn,
  type Repair,
} from "./late-descent.js";

const largest = (vectors: readonly Float32Array[]) =>
  Math.max(...vectors.map((vector) => Math.max(...vector.map(Math.abs))));

describe("secant on tfjs tensors", () => {
  beforeAll(() => tf.setBackend("cpu"));

  it.each([
    { of: "a matrix", shape: [7, 3], rows: 7 },
    { of: "a matrix, curved more beside", shape: [7, 3], rows: 7, along: 0.3, beside: 2.5 },
    { of: "a matrix, curved beyond 1 / lr", shape: [7, 3], rows: 7, along: 12 },
    { of: "a matrix, hardly curved", shape: [5, 4], rows: 5, along: 0.4, beside: 0.05 },
    { of: "a convolution's kernel", shape: [2, 2, 3, 4], rows: 12, along: 3, beside: 2 },
    { of: "a matrix of one column", shape: [9, 1], rows: 9 },
    { of: "a vector", shape: [20], rows: 0 },
    { of: "a vector, hardly curved", shape: [20], rows: 0, along: 0.4, latest: 20 },
    { of: "a vector, hardly curved, later", shape: [20], rows: 0, along: 0.02, latest: 30 },
    { of: "a number", shape: [], rows: 0 },
  ])("descends as its form on arrays does: $of", ({ shape, rows, ...rest }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const quadratic = { length, columns: rows > 0 ? length / rows : 1, ...rest };
    const expected = descend(onArrays(length, rows), quadratic);
    const received = onTheirOwn(shape, quadratic);
    const apart = expected.map((vector, step) =>
      vector.map((theta, i) => theta - received[step]![i]!),
    );
    // Sums of tensors are float32, of 24 binary digits; rounding may take eight in 60 updates.
    expect(largest(apart)).toBeLessThan(2 ** -16 * largest(expected));
    // What is compared is more than descent by late gradients as they come.
    const plain = descend((gradient) => gradient, quadratic);
    const change = plain.map((vector, step) =>
      vector.map((theta, i) => theta - expected[step]![i]!),
    );
    expect(largest(change)).toBeGreaterThan(0.05 * largest(expected));
  });

  it("is refused behind another optimizer, which it knows on arrays alone", () => {
    const compensator = createCompensator<tf.Tensor>("secant", {}, tf);
    const weights = tf.tensor1d([1, 2]);
    const given = { gradient: weights, versions: [weights, weights], staleness: 1, learningRate };
    const behind = { ...given, stepFactor: 10 };
    const shape = [2];
    expect(() => compensator.update({ ...behind, state: compensator.init({ shape }) })).toThrow(
      "Expected no stepFactor for secant of tensors but received 10; there it is for plain " +
        "gradient descent",
    );
    const none = createCompensator<tf.Tensor>("none", {}, tf);
    const passed = none.update({ ...behind, state: none.init({ shape }) });
    expect([...passed.dataSync()]).toEqual([1, 2]);
  });

  it.each([2 ** -40, 2 ** 40])("takes numbers that are %d times as large", (scale) => {
    // Powers of two leave every digit as it is.
    const quadratic = { length: 21, columns: 3 };
    const unscaled = onTheirOwn([7, 3], quadratic);
    const scaled = onTheirOwn([7, 3], { ...quadratic, scale });
    expect(scaled.map((vector) => vector.map((theta) => theta / scale))).toEqual(unscaled);
  });

  it.each([[[3, 2]], [[6]]])("comes to rest where late gradients diverge: %j", (shape) => {
    const rest = (repair: Repair) => {
      const versions: Float32Array[] = [new Float32Array(6).fill(10)];
      for (let step = 0; step < 400; step++) {
        const late = versions[0]!.map((theta) => 3 * theta);
        const repaired = repair(late, versions, versions.length - 1);
        versions.push(versions.at(-1)!.map((theta, i) => theta - learningRate * repaired[i]!));
        if (versions.length > 9) versions.shift();
      }
      return Math.hypot(...versions.at(-1)!);
    };
    expect(rest((gradient) => gradient)).toBeGreaterThan(1e3);
    const { repair, dispose } = onTensors(shape);
    expect(rest(repair)).toBeLessThan(1e-3);
    dispose();
  });

  it("leads by no more than 32 updates", () => {
    const { repair, dispose } = onTensors([2]);
    const versions: Float32Array[] = [Float32Array.of(30, 10)];
    for (let step = 0; step < 300; step++) {
      const chain = versions.slice(-21);
      const repaired = repair(Float32Array.of(0.3, -0.2), chain, chain.length - 1);
      versions.push(versions.at(-1)!.map((theta, i) => theta - learningRate * repaired[i]!));
    }
    expect(versions.at(-1)![0]).toBeCloseTo(30 - (300 + 32) * learningRate * 0.3, 2);
    expect(versions.at(-1)![1]).toBeCloseTo(10 + (300 + 32) * learningRate * 0.2, 2);
    dispose();
  });

  it("carries a gradient towards the one at the newest weights, and not past it", () => {
    const { repair, dispose } = onTensors([2]);
    // Far from 0, so that no step is long beside the weights; uphill, so that h is not held too large.
    const place = (theta: number) => Float32Array.of(90 + theta, 90 + theta);
    let last: Float32Array = place(0);
    for (let theta = 0.5; theta <= 3; theta += 0.5)
      last = repair(
        Float32Array.of(5 * theta, 5 * theta),
        [place(theta), place(theta + 0.5), place(theta + 1)],
        2,
      );
    expect(last[0]).toBeGreaterThan(5 * 3.4);
    expect(last[0]).toBeLessThanOrEqual(5 * 4);
    dispose();
  });

  it.each([[[3, 2]], [[6]]])(
    "gives numbers where nothing moves, and where all is 0: %j",
    (shape) => {
      const [zeros, ones] = [new Float32Array(6), new Float32Array(6).fill(1)];
      const { repair, dispose } = onTensors(shape);
      for (const staleness of [0, 2, 2, 0]) {
        const versions = [zeros, zeros, zeros].slice(2 - staleness);
        expect(repair(zeros, versions, staleness)).toEqual(zeros);
        // Weights that are all zero have nothing to lose.
        repair(ones, versions, staleness).forEach((value) => {
          expect(value).toBeCloseTo(1, 6);
        });
      }
      dispose();
    },
  );

  it("leaves gradients as they are where the learning rate is 0", () => {
    const compensator = createCompensator<tf.Tensor>("secant", {}, tf);
    const state = compensator.init({ shape: [3, 2] });
    const weights = tf.ones([3, 2]);
    for (let step = 0; step < 4; step++) {
      const gradient = tf.fill([3, 2], step + 1);
      const repaired = compensator.update({
        gradient,
        versions: [weights, weights],
        state,
        staleness: 1,
        learningRate: 0,
      });
      repaired.dataSync().forEach((value) => {
        expect(value).toBeCloseTo(step + 1, 5);
      });
      tf.dispose([gradient, repaired]);
    }
    compensator.dispose(state);
    weights.dispose();
  });

  it.each([[[7, 3]], [[21]]])("keeps no more tensors than after its first update: %j", (shape) => {
    const before = tf.memory().numTensors;
    const { repair, dispose } = onTensors(shape);
    const counts = new Set<number>();
    descend(
      (...given) => {
        const repaired = repair(...given);
        counts.add(tf.memory().numTensors);
        return repaired;
      },
      { length: 21, columns: 3 },
    );
    expect(counts.size).toBe(1);
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
