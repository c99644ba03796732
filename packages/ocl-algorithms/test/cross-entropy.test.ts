import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { softmaxCrossEntropy } from "../src/index.js";

describe("softmax cross entropy", () => {
  it("is log(classes) on equal logits", () => {
    const gradient = new Float32Array(6);
    const loss = softmaxCrossEntropy(new Float32Array(6), Int32Array.of(2, 0), 2, 3, gradient);
    expect(loss).toBeCloseTo(Math.log(3), 12);
    const expected = [1 / 6, 1 / 6, -1 / 3, -1 / 3, 1 / 6, 1 / 6];
    for (const [index, value] of expected.entries()) expect(gradient[index]).toBeCloseTo(value, 6);
  });

  it("stays finite where exp would overflow", () => {
    const gradient = new Float32Array(2);
    expect(softmaxCrossEntropy(Float32Array.of(1e4, -1e4), Int32Array.of(1), 1, 2, gradient)).toBe(
      2e4,
    );
    expect([...gradient]).toEqual([1, -1]);
  });

  it("has the gradient that finite differences show", () => {
    const step = 2 ** -6;
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.nat(2),
        fc.nat(2),
        (values, first, second) => {
          const labels = Int32Array.of(first, second);
          const logits = Float32Array.from(values);
          const spare = new Float32Array(6);
          const gradient = new Float32Array(6);
          softmaxCrossEntropy(logits, labels, 2, 3, gradient);
          for (let index = 0; index < 6; index++) {
            const at = (shift: number) => {
              const moved = logits.slice();
              moved[index]! += shift;
              return softmaxCrossEntropy(moved, labels, 2, 3, spare);
            };
            expect(gradient[index]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
          }
        },
      ),
    );
  });
});
