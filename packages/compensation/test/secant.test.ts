import { describe, expect, it } from "vitest";
import { secant } from "../src/algorithms/secant.js";
import type { Compensator } from "../src/index.js";
import { bare } from "./bare.js";

const learningRate = 0.1;

/**
 * Late descent on 1/2 sum h theta^2 from 10; the distance from the minimum after every update. The
 * gradient of update k is computed `delay` updates before.
 */
function descend(compensator: Compensator, curvature: readonly number[], delay: number): number[] {
  const state = compensator.init({ parameterCount: curvature.length });
  const versions = [new Float32Array(curvature.length).fill(10)];
  return Array.from({ length: 400 }, () => {
    const gradient = versions[0]!.map((theta, i) => curvature[i]! * theta);
    compensator.update({ gradient, versions, state, staleness: versions.length - 1, learningRate });
    const next = versions.at(-1)!.map((theta, i) => theta - learningRate * gradient[i]!);
    versions.push(next);
    if (versions.length > delay + 1) versions.shift();
    return Math.hypot(...next);
  });
}

const none: Compensator<unknown> = {
  name: "none",
  stateVectors: 0,
  init: () => null,
  update: ({ gradient }) => gradient,
};
const ours = () => bare(secant);

/** Updates ahead where all gradients point one way, which `secant` takes for a straight descent. */
const farthestAhead = (delay: number) => 1.3 * delay * Math.E;

/** As if all parameters were one matrix. */
const ofMatrix = (rows: number, columns: number): Compensator => {
  const plain = bare(secant);
  return {
    ...plain,
    init: (space) => plain.init({ ...space, matrices: [{ offset: 0, rows, columns }] }),
  };
};

describe("secant on a quadratic", () => {
  it("comes to rest where late gradients diverge", () => {
    expect(descend(none, [3, 3], 8).at(-1)).toBeGreaterThan(1e3);
    expect(descend(ours(), [3, 3], 8).at(-1)).toBeLessThan(1e-3);
  });

  it.each([
    ["plain", undefined],
    ["long", 10],
  ] as const)(
    "carries a gradient towards the one at the newest weights, and not past it: %s steps",
    (_, stepFactor) => {
      const compensator = bare(secant);
      const context = { staleness: 2, learningRate, stepFactor };
      const state = compensator.init({ parameterCount: 2 });
      // Far from 0, so that no step is long beside the weights; uphill, so that h is not held too large.
      const place = (theta: number) => Float32Array.of(90 + theta, 90 + theta);
      let late = new Float32Array(2);
      for (let theta = 0.5; theta <= 3; theta += 0.5) {
        late = Float32Array.of(5 * theta, 5 * theta);
        const versions = [place(theta), place(theta + 0.5), place(theta + 1)];
        compensator.update({ gradient: late, versions, state, ...context });
      }
      expect(late[0]).toBeGreaterThan(5 * 3.4);
      expect(late[0]).toBeLessThanOrEqual(5 * 4);
    },
  );

  it("damps a matrix along the direction of its gradients alone", () => {
    // Curvature 3 along v = (1, 1) / sqrt 2 in each of two columns, 0.02 beside it.
    const [large, small] = [3, 0.02];
    const descendMatrix = (compensator: Compensator, delay: number) => {
      const state = compensator.init({ parameterCount: 4 });
      const versions = [Float32Array.of(11, 6, 9, 4)];
      for (let step = 0; step < 400; step++) {
        const [a, b, c, d] = versions[0] as unknown as [number, number, number, number];
        const [mean, other] = [
          // Items differ along v, so that gradients go on pointing there.
          [(a + c) / 2 + Math.sin(2.3 * step), (b + d) / 2 - Math.sin(1.7 * step)],
          [(a - c) / 2, (b - d) / 2],
        ] as [[number, number], [number, number]];
        const gradient = Float32Array.of(
          large * mean[0] + small * other[0],
          large * mean[1] + small * other[1],
          large * mean[0] - small * other[0],
          large * mean[1] - small * other[1],
        );
        compensator.update({
          gradient,
          versions,
          state,
          staleness: versions.length - 1,
          learningRate,
        });
        const newest = versions.at(-1) as Float32Array;
        versions.push(newest.map((theta, i) => theta - learningRate * gradient[i]!));
        if (versions.length > delay + 1) versions.shift();
      }
      const [a, b, c, d] = versions.at(-1) as unknown as [number, number, number, number];
      return { along: Math.hypot(a + c, b + d), beside: Math.hypot(a - c, b - d) };
    };
    const wholly = descendMatrix(ours(), 8);
    const apart = descendMatrix(ofMatrix(2, 2), 8);
    expect(apart.along).toBeLessThan(3);
    expect(wholly.along).toBeLessThan(3);
    // One curvature for all slows down what could go on undisturbed.
    const way = ({ beside }: { beside: number }) => Math.hypot(2, 2) - beside;
    expect(way(apart)).toBeGreaterThan(1.5 * way(wholly));
  });

  it("tells matrices that reach past the parameters", () => {
    expect(() => ofMatrix(3, 2).init({ parameterCount: 4 })).toThrow(
      "within 4 parameters but received 3 x 2 at 0",
    );
  });

  it("publishes what descent without delay comes to later, by what is in flight and more", () => {
    const curvature = [0.02, 0.04];
    const synchronous = descend(none, curvature, 0);
    const published = descend(ours(), curvature, 4);
    for (let step = 20; step < 360; step++) {
      expect(published[step]!).toBeLessThan(synchronous[step + 4]!);
      expect(published[step]!).toBeGreaterThan(
        synchronous[step + 4 + Math.ceil(farthestAhead(4))]!,
      );
    }
  });

  it("gives back the lead, so that descent has come as far as its gradients ask", () => {
    const compensator = bare(secant);
    const state = compensator.init({ parameterCount: 6 });
    const versions = [Float32Array.of(3, 1, 4, 1, 5, 9)];
    const start = versions[0]!.slice();
    const slope = [0.06, -0.04, 0.02, 0.08, -0.02, 0.04];
    const learn = (staleness: number) => {
      const gradient = Float32Array.from(slope);
      const chain = versions.slice(-1 - staleness);
      compensator.update({ gradient, versions: chain, state, staleness, learningRate });
      versions.push(versions.at(-1)!.map((theta, i) => theta - learningRate * gradient[i]!));
    };
    const expectAfter = (steps: number, digits: number) => {
      for (const [i, theta] of versions.at(-1)!.entries())
        expect(theta).toBeCloseTo(start[i]! - steps * learningRate * slope[i]!, digits);
    };
    for (let step = 0; step < 250; step++) learn(Math.min(step, 5));
    expectAfter(250 + farthestAhead(5), 4);
    for (let step = 0; step < 200; step++) learn(0);
    expectAfter(450, 4);
  });

  it("leads nowhere where its reach is 0: constant gradients pass as they are", () => {
    const compensator = bare(secant, { leadReach: 0 });
    const state = compensator.init({ parameterCount: 2 });
    const versions = [Float32Array.of(30, 10)];
    for (let step = 0; step < 60; step++) {
      const gradient = Float32Array.of(0.3, -0.2);
      const chain = versions.slice(-5);
      compensator.update({
        gradient,
        versions: chain,
        state,
        staleness: chain.length - 1,
        learningRate,
      });
      expect([...gradient]).toEqual([...Float32Array.of(0.3, -0.2)]);
      versions.push(versions.at(-1)!.map((theta, i) => theta - learningRate * gradient[i]!));
    }
  });

  it("leads by no more than 32 updates", () => {
    const compensator = ours();
    const state = compensator.init({ parameterCount: 2 });
    const slope = [0.3, -0.2];
    const versions = [Float32Array.of(30, 10)];
    for (let step = 0; step < 300; step++) {
      const chain = versions.slice(-21);
      const gradient = Float32Array.from(slope);
      compensator.update({
        gradient,
        versions: chain,
        state,
        staleness: chain.length - 1,
        learningRate,
      });
      versions.push(versions.at(-1)!.map((theta, i) => theta - learningRate * gradient[i]!));
    }
    expect(1.3 * 20 * Math.E).toBeGreaterThan(32);
    expect(versions.at(-1)![0]).toBeCloseTo(30 - (300 + 32) * learningRate * 0.3, 3);
    expect(versions.at(-1)![1]).toBeCloseTo(10 + (300 + 32) * learningRate * 0.2, 3);
  });

  it("leaves weights that are all zero free to move", () => {
    const gradient = Float32Array.of(1, 2);
    const versions = [new Float32Array(2), new Float32Array(2)];
    const compensator = ours();
    compensator.update({
      gradient,
      versions,
      state: compensator.init({ parameterCount: 2 }),
      staleness: 1,
      learningRate,
    });
    expect([...gradient]).toEqual([1, 2]);
  });
});

/**
 * Late descent from 10 by the steps of another optimizer; the distance from the minimum after every
 * update.
 */
function descendBehind(
  { step, factor }: Steps,
  compensator: Compensator,
  curvature: readonly number[],
  delay: number,
): number[] {
  const state = compensator.init({ parameterCount: curvature.length });
  const versions = [new Float32Array(curvature.length).fill(10)];
  return Array.from({ length: 400 }, () => {
    const gradient = versions[0]!.map((theta, i) => curvature[i]! * theta);
    const staleness = versions.length - 1;
    const stepFactor = factor();
    compensator.update({ gradient, versions, state, staleness, learningRate: 0.01, stepFactor });
    const way = step(gradient);
    const next = versions.at(-1)!.map((theta, i) => theta - 0.01 * way[i]!);
    versions.push(next);
    if (versions.length > delay + 1) versions.shift();
    return Math.hypot(...next);
  });
}

interface Steps {
  /** How far the weights go, in learning rates. */
  step(gradient: Float32Array): number[];
  /** What compensators are told. */
  factor(): number;
}

function momentum(mu: number): Steps {
  let velocity: number[] = [];
  return {
    step(gradient) {
      velocity = Array.from(gradient, (g, i) => mu * (velocity[i] ?? 0) + g);
      return velocity;
    },
    factor: () => 1 / (1 - mu),
  };
}

/** Adam's steps without the correction of its first ones. */
function adam(scale: number): Steps {
  const mean: number[] = [];
  const square: number[] = [];
  let factor = 0;
  return {
    step: (gradient) =>
      Array.from(gradient, (g, i) => {
        mean[i] = 0.9 * (mean[i] ?? g) + 0.1 * g;
        square[i] = 0.999 * (square[i] ?? g * g) + 0.001 * g * g;
        factor = scale / Math.sqrt(square[i]!);
        return factor * mean[i]!;
      }),
    factor: () => factor,
  };
}

describe("secant behind another optimizer, on a quadratic", () => {
  it.each([
    ["momentum", () => momentum(0.9), [3, 3]],
    ["more momentum", () => momentum(0.95), [2, 2]],
    ["Adam", () => adam(60), [3, 3]],
  ] as const)("comes to rest where late gradients do not: %s", (_, steps, curvature) => {
    const tail = (distances: readonly number[]) => Math.max(...distances.slice(-50));
    const late = tail(descendBehind(steps(), none, curvature, 16));
    const repaired = tail(descendBehind(steps(), ours(), curvature, 16));
    expect(late).toBeGreaterThan(2);
    expect(repaired).toBeLessThan(0.05);
  });
});
