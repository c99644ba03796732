import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundaryDetector } from "../src/boundary.js";

/** Items (from 0) at which a boundary is told, and the last settled moment before each. */
function boundariesOf(
  losses: readonly number[],
  batch = 16,
  detector = new BoundaryDetector(batch),
) {
  const found: { at: number; settled: number }[] = [];
  let settled = -1;
  losses.forEach((loss, k) => {
    const turn = detector.add(loss);
    if (turn === "settled") settled = k;
    if (turn === "boundary") found.push({ at: k, settled });
  });
  return found;
}

const steady = (length: number, loss: number) => Array<number>(length).fill(loss);
/** Falls from `from` towards `to`, by a tenth of what is left each item. */
const falling = (length: number, from: number, to = 0.1) =>
  Array.from({ length }, (_, k) => to + (from - to) * 0.9 ** k);
/** A whole number of draws of noise in [1 - spread, 1 + spread), from a generator of its own. */
const noise = (length: number, seed: number, spread: number) => {
  let state = seed >>> 0;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + spread * (state / 2 ** 31 - 1);
  });
};

describe("a boundary", () => {
  it("is told in the block in which a loss that lay flat rises, and settled before that", () => {
    for (const first of [100, 101, 103, 104]) {
      const [boundary, ...others] = boundariesOf([...steady(first, 0.1), ...falling(150, 4)]);
      expect(others).toEqual([]);
      const block = Math.floor(first / 5);
      expect(boundary).toEqual({ at: 5 * block + 4, settled: 5 * block - 1 });
    }
  });

  it("is told at each peak of a loss that falls in between", () => {
    const losses = [3, 4, 2, 6].flatMap((peak) => falling(150, peak));
    const found = boundariesOf(losses);
    expect(found.map(({ at }) => at)).toEqual([154, 304, 454]);
    expect(found.map(({ settled }) => settled)).toEqual([149, 299, 449]);
  });

  it("is none where the loss falls, stays, or creeps up", () => {
    expect(boundariesOf(falling(500, 8))).toEqual([]);
    expect(boundariesOf(steady(500, 2))).toEqual([]);
    expect(boundariesOf(Array.from({ length: 500 }, (_, k) => 1 + k / 100))).toEqual([]);
  });

  it("is hardly ever in noise, and always where the loss rises out of it", () => {
    const streams = 500;
    let alarms = 0;
    for (let seed = 0; seed < streams; seed++) {
      const first = 60 + ((seed * 97) % 241);
      const noisy = noise(first + 40, seed, 0.5);
      alarms += boundariesOf(noisy).length;
      const risen = noisy.map((loss, k) => (k < first ? loss : loss + 4));
      const boundary = boundariesOf(risen).find(({ at }) => at >= first);
      expect(boundary?.at).toBeLessThan(first + 10);
      // Where no more than the last item of a block has risen, the block may pass for settled.
      expect(boundary?.settled).toBeLessThanOrEqual(first);
    }
    // Of some 100,000 items.
    expect(alarms).toBeLessThanOrEqual(2);
  });

  it("does not depend on the scale of the loss", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: 0, max: 2 ** 31 }),
        (power, seed) => {
          const noisy = noise(400, seed, 0.3);
          const losses = [...falling(200, 3), ...falling(200, 5)].map(
            (loss, k) => loss * noisy[k]!,
          );
          const scaled = losses.map((loss) => loss * 2 ** power);
          expect(boundariesOf(scaled)).toEqual(boundariesOf(losses));
        },
      ),
    );
  });

  it("is told of items of a few samples in blocks of as many samples", () => {
    const losses = [...steady(1000, 0.1), ...falling(400, 4)];
    expect(boundariesOf(losses, 1)).toEqual([{ at: 1039, settled: 959 }]);
    expect(boundariesOf(losses, 4)).toEqual([{ at: 1019, settled: 999 }]);
    expect(boundariesOf(losses, 64)).toEqual([{ at: 1004, settled: 999 }]);
  });

  it("is not told by a loss that is none", () => {
    const losses = [...steady(100, 0.1), Number.NaN, Number.POSITIVE_INFINITY, ...steady(100, 0.1)];
    expect(boundariesOf(losses)).toEqual([]);
  });

  it("is found by what was restored as by the original", () => {
    const losses = [...falling(63, 3), ...falling(150, 3), ...falling(90, 2)];
    for (const cut of [1, 42, 60, 64, 150]) {
      const half = new BoundaryDetector(16);
      boundariesOf(losses.slice(0, cut), 16, half);
      const copy = new BoundaryDetector(16);
      copy.restore(structuredClone(half.save()));
      const rest = losses.slice(cut);
      expect(boundariesOf(rest, 16, copy)).toEqual(boundariesOf(rest, 16, half));
    }
  });
});
