import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Coreset, coresetBytes, coresetOperations } from "../../src/course/coreset.js";
import { withWeights } from "../../src/course/weighted-loss.js";
import { type Batch, type ComposedBatch, coresetChoice, Ledger, newest } from "../../src/engine.js";
import { classes, createLearner, crossEntropy, model } from "./one-stage-run.js";

type Points = readonly (readonly number[])[];

const distance = (one: readonly number[], other: readonly number[]) =>
  Math.hypot(...one.map((value, index) => value - other[index]!));

/** F of system and paper, from scratch: how near all points are to a set of them. */
function coverage(points: Points, chosen: readonly number[]): number {
  const farthest = Math.max(
    ...points.flatMap((one) => points.map((other) => distance(one, other))),
  );
  return points.reduce(
    (sum, one) =>
      sum + Math.max(0, ...chosen.map((place) => farthest - distance(one, points[place]!))),
    0,
  );
}

function choose(points: Points, count: number) {
  const ledger = new Ledger(null);
  // Larger than it need be: what is left over must not matter.
  const coreset = new Coreset(points.length + 3, ledger);
  const width = points[0]!.length;
  for (const run of [points.map((point) => point.map((value) => -value)), points])
    coreset.choose(Float32Array.from(run.flat()), points.length, width, count);
  expect(ledger.peak.total).toBe(coresetBytes(points.length + 3));
  return {
    chosen: [...coreset.chosen.subarray(0, count)],
    weights: [...coreset.weights.subarray(0, count)],
  };
}

/** Sets of so many of 0 .. n - 1. */
function subsets(n: number, count: number, from = 0): number[][] {
  if (count === 0) return [[]];
  return Array.from({ length: n - from }, (_, index) => from + index).flatMap((first) =>
    subsets(n, count - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

// On a grid, so that distances are the same in single and double precision where they are equal.
const cases = fc.integer({ min: 1, max: 9 }).chain((n) =>
  fc.tuple(
    fc.array(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2, maxLength: 2 }), {
      minLength: n,
      maxLength: n,
    }),
    fc.integer({ min: 1, max: n }),
  ),
);

describe("a coreset", () => {
  it("of three heaps is one point of each, worth the heap", () => {
    const heaps = [
      [0, 0],
      [9, 0],
      [0, 0.1],
      [0.1, 0],
      [9, 0.1],
      [0, 9],
      [0, 0],
    ];
    const { chosen, weights } = choose(heaps, 3);
    expect(chosen.map((place) => heaps[place]!.map(Math.round).join())).toEqual(
      expect.arrayContaining(["0,0", "9,0", "0,9"]),
    );
    expect(weights.toSorted()).toEqual([1, 2, 4]);
  });

  it("gains at every step as much as any point would, by the sum made anew", () => {
    fc.assert(
      fc.property(cases, ([points, count]) => {
        // What is chosen first is what is chosen of fewer: the order comes to light.
        let before: number[] = [];
        for (let size = 1; size <= count; size++) {
          const { chosen } = choose(points, size);
          const added = chosen.filter((place) => !before.includes(place));
          expect(added).toHaveLength(1);
          const others = points.map((_, place) => place).filter((place) => !before.includes(place));
          const best = Math.max(...others.map((place) => coverage(points, [...before, place])));
          expect(coverage(points, chosen)).toBeCloseTo(best, 3);
          before = chosen;
        }
      }),
      { numRuns: 100 },
    );
  });

  it("reaches 1 - 1/e of the best set, and its weights count all points", () => {
    fc.assert(
      fc.property(cases, ([points, count]) => {
        const { chosen, weights } = choose(points, count);
        const best = Math.max(...subsets(points.length, count).map((set) => coverage(points, set)));
        expect(coverage(points, chosen)).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best - 1e-3);
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(points.length);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("weighted samples", () => {
  it("have gradients so many times as large, replayed ones as they are", () => {
    const plain = crossEntropy(3);
    const weights = Float32Array.of(2, 0.5);
    const weighted = withWeights(
      {
        ...plain,
        // As if a third sample were replayed.
        compose(item: Batch, target: ComposedBatch) {
          plain.compose(item, target);
          target.labels[2] = 1;
          return 3;
        },
      },
      classes,
      () => weights,
    );
    const target = {
      x: new Float32Array(6),
      labels: new Int32Array(3),
      targets: new Float32Array(3),
      size: 0,
    };
    const item = { x: new Float32Array(4), labels: Int32Array.of(0, 2), size: 2 };
    const size = weighted.compose(item, target);
    weights.fill(7); // of the next item
    const logits = Float32Array.of(0.3, -1, 2, 1, 1, 1, -2, 0, 0.5);
    const batch = { ...target, size };
    const [unweighted, gradient] = [new Float32Array(9), new Float32Array(9)];
    const loss = plain.loss(logits, batch, unweighted);
    expect(weighted.loss(logits, batch, gradient)).toBe(loss);
    const factors = [2, 0.5, 1];
    gradient.forEach((value, index) => {
      expect(value).toBeCloseTo(unweighted[index]! * factors[Math.floor(index / classes)]!, 6);
    });
  });
});

describe("a choice by coresets", () => {
  /** Items of two samples, of `kinds` a and b. */
  const samples: Readonly<Record<string, readonly [number, number, number]>> = {
    a: [1, 0.5, 0],
    b: [-1, 2, 1],
    c: [0.5, -3, 2],
  };
  const itemOf = (kinds: string) => ({
    x: Float32Array.from([...kinds].flatMap((kind) => samples[kind]!.slice(0, 2))),
    labels: Int32Array.from([...kinds].map((kind) => samples[kind]![2])),
    size: 2,
  });

  const none = new Float32Array(0);
  const chosen = (predictionTime: number) =>
    coresetChoice({
      predictionTime,
      gradientAtLogits(logits, labels, size, _, gradient) {
        crossEntropy(size).loss(logits, { labels, targets: none, size }, gradient);
      },
    });

  function learn(stream: readonly string[], atOnce: number, isCoreset: boolean) {
    const rule = isCoreset ? chosen(0.5) : newest;
    const admission = { kind: "batch-skip", waiting: 2, atOnce, rule } as const;
    // The first item is learned alone while the next two come.
    const algorithm = crossEntropy(4);
    const learner = createLearner(admission, algorithm, { batch: 2, times: [2, 2] });
    for (const kinds of stream) learner.observe(itemOf(kinds));
    learner.finish();
    const result = { parameters: learner.parameters(), ...learner.metrics() };
    learner.dispose();
    return result;
  }

  it.each([
    ["as often", ["cc", "ab", "ba"]],
    ["three to one", ["cc", "aa", "ba"]],
  ])("learns of samples that are there %s what learning all of them gives", (_, stream) => {
    const all = learn(stream, 2, false);
    const coreset = learn(stream, 1, true);
    expect([all.admitted, coreset.admitted, coreset.dropped]).toEqual([3, 2, 1]);
    all.parameters.forEach((value, index) => {
      expect(coreset.parameters[index]).toBeCloseTo(value, 5);
    });
    // Two forward passes of half an interval go before the step, and the choosing.
    const speed = (2 * model.layers[0]!.operations) / 0.5;
    const choosing = coresetOperations(4, classes, 2) / speed;
    expect(coreset.latency.max).toBeCloseTo(all.latency.max + 1 + choosing, 5);
  });

  it("lets go of all that it chose among", () => {
    const batches: number[][] = [];
    const plain = crossEntropy(2);
    const algorithm = {
      ...plain,
      compose(item: Batch, target: ComposedBatch) {
        batches.push([item.x[0]!, item.x[2]!]);
        return plain.compose(item, target);
      },
    };
    const rule = chosen(0.01);
    const admission = { kind: "batch-skip", waiting: 9, atOnce: 1, rule } as const;
    const learner = createLearner(admission, algorithm, { batch: 2, times: [2] });
    for (let item = 0; item < 40; item++)
      learner.observe({
        x: Float32Array.of(item, 1, item, -1),
        labels: Int32Array.of(item % 3, (item + 1) % 3),
        size: 2,
      });
    learner.dispose();
    expect(batches.length).toBeGreaterThan(5);
    batches.slice(1).forEach((batch, before) => {
      expect(Math.min(...batch)).toBeGreaterThan(Math.max(...batches[before]!));
    });
  });
});
