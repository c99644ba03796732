import { describe, expect, it } from "vitest";
import { CollapseWatch } from "../../src/metrics/collapse-watch.js";

const batch = 10;
const window = 100;
const shape = { batch, inputLength: 1, classes: 2, loss: "meanSquaredError" as const };

interface Item {
  /** Of each sample the same two values, or others. */
  readonly isConstant: boolean;
  /** Samples whose targets are 0; those of the others differ. */
  readonly zeros?: number;
  readonly size?: number;
  readonly fill?: number;
}

function watch(items: readonly Item[]) {
  const seen = new CollapseWatch(shape);
  for (const [index, item] of items.entries()) {
    const { isConstant, zeros = 0, size = batch, fill = index } = item;
    const values = Float32Array.from({ length: 2 * size }, (_, at) =>
      isConstant ? fill + (at % 2) : fill + at,
    );
    const targets = Float32Array.from({ length: 2 * size }, (_, at) => (at < 2 * zeros ? 0 : at));
    seen.addValues(index, values, targets, size);
  }
  return seen.collapse;
}
const repeat = (count: number, item: Item) => Array.from({ length: count }, () => item);

describe("a collapse in regression", () => {
  it("is one value for all samples of each item of a window, whose targets differed", () => {
    expect(watch(repeat(window - 1, { isConstant: true }))).toBeNull();
    const found = { item: window - 1, window, class: null, isConstant: true };
    // The value itself moves on from item to item: the last bias still learns.
    expect(watch(repeat(window, { isConstant: true }))).toEqual(found);
  });

  it("is none where an item's samples differ now and then", () => {
    const items = repeat(1000, { isConstant: true });
    expect(
      watch(items.map((item, at) => (at % 99 === 98 ? { isConstant: false } : item))),
    ).toBeNull();
    const late = [...repeat(50, { isConstant: false }), ...repeat(window, { isConstant: true })];
    expect(watch(late)?.item).toBe(149);
  });

  it("is none where nearly all targets are alike, or items have one sample", () => {
    expect(watch(repeat(1000, { isConstant: true, zeros: batch }))).toBeNull();
    expect(watch(repeat(1000, { isConstant: true, zeros: 9 }))).toBeNull();
    expect(watch(repeat(1000, { isConstant: true, zeros: 8 }))).not.toBeNull();
    expect(watch(repeat(1000, { isConstant: true, size: 1 }))).toBeNull();
  });

  it("is values that are not finite at half of a window's items", () => {
    const items = (unsound: number) =>
      Array.from({ length: window }, (_, at) => ({
        isConstant: false,
        ...(at < unsound && { fill: Number.NaN }),
      }));
    expect(watch(items(window / 2 - 1))).toBeNull();
    expect(watch(items(window / 2))).toEqual({ item: window - 1, window, class: null });
  });
});
