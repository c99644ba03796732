import { describe, expect, it } from "vitest";
import { createAlgorithm } from "../src/index.js";
import { farthest } from "./tfjs-reference.js";
import { itemOf, roomFor, shapeFor, toyModel, toyShape } from "./toy.js";

const { classes } = toyShape;

/** An item of 2 samples that all have one label. */
const itemOfClass = (label: number, seed: number) => ({
  ...itemOf(2, seed),
  labels: Int32Array.of(label, label),
});

describe("lwf", () => {
  const options = { seed: 1, snapshotAt: "interval", warmUp: 2, refresh: 3 } as const;

  it("has its teacher after the warm-up and a new one at every refresh, with the classes learned by then", () => {
    const model = toyModel();
    const algorithm = createAlgorithm("lwf", shapeFor(2), options);
    algorithm.attach?.(model);
    let teacher = new Float32Array(0);
    let known: number[] = [];
    [0, 1, 2, 2, 3, 3, 0, 0].forEach((label, k) => {
      if (k === 2) [teacher, known] = [model.parameters.slice(), [0, 1]];
      if (k === 5) [teacher, known] = [model.parameters.slice(), [0, 1, 2, 3]];
      const item = itemOfClass(label, k);
      const batch = roomFor(2, classes);
      expect(algorithm.compose(item, batch)).toBe(2);
      const expected = new Float32Array(2 * classes).fill(Number.NEGATIVE_INFINITY);
      if (k >= 2) model.logits(teacher, item.x, 2, expected);
      expected.forEach((_, index) => {
        if (!known.includes(index % classes)) expected[index] = Number.NEGATIVE_INFINITY;
      });
      expect([...batch.targets]).toEqual([...expected]);
      batch.size = 2;
      algorithm.loss(new Float32Array(2 * classes), batch, new Float32Array(2 * classes));
      model.parameters.forEach((value, index) => {
        model.parameters[index] = value + 0.1;
      });
    });
  });

  it("takes the model of before the rise of a loss for its teacher, with the classes learned by then", () => {
    const model = toyModel();
    const algorithm = createAlgorithm("lwf", shapeFor(80), { seed: 1 });
    algorithm.attach?.(model);
    let teacher = new Float32Array(0);
    for (let k = 0; k < 80; k++) {
      const label = k < 50 ? k % 2 : 2;
      const item = { ...itemOf(80, k), labels: new Int32Array(80).fill(label) };
      const batch = roomFor(80, classes);
      batch.size = algorithm.compose(item, batch);
      // The losses of items 0 to 49 are told by now: at item 50 the last block of them has ended.
      if (k === 50) teacher = model.parameters.slice();
      const expected = new Float32Array(80 * classes).fill(Number.NEGATIVE_INFINITY);
      if (k > 54) model.logits(teacher, item.x, 80, expected);
      expected.forEach((_, index) => {
        if (index % classes > 1) expected[index] = Number.NEGATIVE_INFINITY;
      });
      expect([...batch.targets]).toEqual([...expected]);
      // The loss of class 0 and 1 is log 4, of class 2 over 5.
      const logits = Float32Array.from({ length: 80 * classes }, (_, index) =>
        k >= 50 && index % classes === 0 ? 5 : 0,
      );
      algorithm.loss(logits, batch, logits);
      model.parameters.forEach((value, index) => {
        model.parameters[index] = value + 0.1;
      });
    }
  });

  it("pulls towards the teacher more, the larger alpha is", () => {
    const loss = (alpha: number) => {
      const algorithm = createAlgorithm("lwf", shapeFor(1), { ...options, alpha });
      const batch = { labels: Int32Array.of(0), targets: Float32Array.of(0, 1, 2, 3), size: 1 };
      const gradient = new Float32Array(classes);
      algorithm.loss(Float32Array.of(3, 2, 1, 0), batch, gradient);
      return gradient;
    };
    const [none, one, two] = [0, 1, 2].map(loss) as [Float32Array, Float32Array, Float32Array];
    const step = one.map((value, index) => value - (none[index] as number));
    expect(step[3]).toBeLessThan(0);
    const again = two.map((value, index) => value - (one[index] as number));
    expect(farthest(again, step)).toBeLessThan(1e-5);
  });

  it("names a wrong setting", () => {
    const create = (change: object) => () =>
      createAlgorithm("lwf", shapeFor(2), { seed: 0, ...change });
    expect(create({ alpha: -1 })).toThrow(
      "Expected a non-negative number for alpha but received -1 of type number",
    );
    expect(create({ temperature: 0 })).toThrow("a positive number for temperature");
    const interval = { snapshotAt: "interval" };
    expect(create({ ...interval, warmUp: 0 })).toThrow("an integer of at least 1 for warmUp");
    expect(create({ ...interval, refresh: 1.5 })).toThrow("for refresh but received 1.5");
    expect(create({ snapshotAt: "plateau" })).toThrow(
      'Expected one of boundary, interval for snapshotAt but received "plateau"',
    );
    expect(create({ refresh: 50 })).toThrow(
      'Expected snapshotAt "interval" for lwf with refresh but received "boundary"; set it, or leave refresh out',
    );
    expect(create({ alhpa: 1 })).toThrow(
      /warmUp, refresh for the options of lwf but received "alhpa"$/,
    );
  });
});
