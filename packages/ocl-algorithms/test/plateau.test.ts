import { describe, expect, it } from "vitest";
import { Plateau } from "../src/plateau.js";

/** Items (from 0) at which a plateau is found. */
function plateausOf(losses: readonly number[], plateau = new Plateau()): number[] {
  return losses.flatMap((loss, k) => (plateau.add(loss) ? [k] : []));
}

const steady = (length: number, loss: number) => Array<number>(length).fill(loss);
/** Falls from `from` towards 0.1, by a tenth each item. */
const falling = (length: number, from: number) =>
  Array.from({ length }, (_, k) => 0.1 + (from - 0.1) * 0.9 ** k);

describe("a plateau of the loss", () => {
  it("is reached once after each fall, when the loss lies flat", () => {
    const found = plateausOf([...falling(150, 3), ...falling(150, 3), ...falling(150, 2)]);
    expect(found.length).toBe(3);
    found.forEach((k, fall) => {
      expect(k).toBeGreaterThan(150 * fall + 30);
      expect(k).toBeLessThan(150 * (fall + 1));
    });
  });

  it("does not depend on the scale of the loss", () => {
    const losses = [...falling(150, 3), ...falling(150, 5)];
    expect(plateausOf(losses.map((loss) => 1000 * loss))).toEqual(plateausOf(losses));
  });

  it("is not there where nothing falls", () => {
    expect(plateausOf(steady(500, 2))).toEqual([]);
    expect(plateausOf(Array.from({ length: 500 }, (_, k) => 1 + k / 100))).toEqual([]);
  });

  it("is found by what was restored as by the original", () => {
    const losses = [...falling(60, 3), ...falling(150, 3)];
    const half = new Plateau();
    plateausOf(losses.slice(0, 80), half);
    const copy = new Plateau();
    copy.restore(structuredClone(half.save()));
    const rest = losses.slice(80);
    expect(plateausOf(rest, copy)).toEqual(plateausOf(rest, half));
  });
});
