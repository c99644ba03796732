import { describe, expect, it } from "vitest";
import { algorithmNames, createAlgorithm, InputError } from "../src/index.js";
import { algorithmChecks } from "../src/testing.js";

describe.each(algorithmNames)("%s", (name) => {
  it.each(algorithmChecks)("$claim", ({ run }) =>
    run((shape, options) => createAlgorithm(name, shape, options)),
  );
});

describe("er", () => {
  const shape = { batch: 2, inputLength: 1, classes: 3, parameterCount: 1 };
  const item = (k: number) => ({
    x: Float32Array.of(2 * k, 2 * k + 1),
    labels: Int32Array.of(k % 3, 2),
    size: 2,
  });
  const target = () => ({
    x: new Float32Array(6),
    labels: new Int32Array(6),
    targets: new Float32Array(0),
    size: 0,
  });

  it("replays different samples of the past, each with its own label", () => {
    const algorithm = createAlgorithm("er", shape, { seed: 4, replay: 4, capacity: 100 });
    for (let k = 0; k < 50; k++) {
      const batch = target();
      const size = algorithm.compose(item(k), batch);
      const replayed = [...batch.x.subarray(2, size)];
      expect(replayed.length).toBe(Math.min(4, 2 * k));
      expect(new Set(replayed).size).toBe(replayed.length);
      replayed.forEach((value, index) => {
        expect(value).toBeLessThan(2 * k);
        const past = Math.floor(value / 2);
        expect(batch.labels[2 + index]).toBe(value % 2 === 0 ? past % 3 : 2);
      });
    }
  });

  it("names a wrong setting", () => {
    expect(() => createAlgorithm("er", shape, { seed: 0, replay: 0 })).toThrow(InputError);
    expect(() => createAlgorithm("er", shape, { seed: 0, capacity: 1.5 })).toThrow(
      "for capacity but received 1.5",
    );
    expect(() => createAlgorithm("err", shape, { seed: 0 })).toThrow(
      'Expected one of vanilla, er for algorithm but received "err"',
    );
    expect(() => createAlgorithm("er", { ...shape, classes: 0 }, { seed: 0 })).toThrow(
      "for classes",
    );
  });
});
