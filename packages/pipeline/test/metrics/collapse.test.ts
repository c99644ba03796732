import { describe, expect, it } from "vitest";
import { CollapseWatch, onlyOf } from "../../src/metrics/collapse-watch.js";

const batch = 10;
const shape = { batch, inputLength: 1, classes: 3 };
const window = 100;

/** Labels of an item: so many of class 0, the rest of class 1. */
const labels = (zeros: number) =>
  Int32Array.from({ length: batch }, (_, at) => (at < zeros ? 0 : 1));

function watch(items: readonly (readonly [only: number, zeros: number])[]) {
  const seen = new CollapseWatch(shape);
  for (const [index, [only, zeros]] of items.entries()) seen.add(index, only, labels(zeros), true);
  return seen.collapse;
}
const repeat = (count: number, item: readonly [number, number]) =>
  Array.from({ length: count }, () => item);

describe("a collapse", () => {
  it("is one class for a whole window whose labels had several", () => {
    expect(watch(repeat(window - 1, [2, 5]))).toBeNull();
    expect(watch(repeat(window, [2, 5]))).toEqual({ item: 99, window, class: 2 });
  });

  it("is told of where it was first seen", () => {
    const items = [...repeat(30, [1, 5]), ...repeat(window, [0, 5]), ...repeat(window, [1, 5])];
    expect(watch(items)).toEqual({ item: 129, window, class: 0 });
  });

  it("is none where another class is predicted now and then", () => {
    const items = repeat(1000, [2, 5]).map((item, index) => (index % 99 === 98 ? [-1, 5] : item));
    expect(watch(items as [number, number][])).toBeNull();
  });

  it("is none where nearly all labels are that class, or any one", () => {
    expect(watch(repeat(window, [0, 9]))).toBeNull();
    expect(watch(repeat(window, [2, 10]))).toBeNull();
    expect(watch(repeat(window, [0, 8]))).not.toBeNull();
  });

  it("is looked for window by window, so that labels of old do not hide it or make it", () => {
    expect(watch([...repeat(window, [0, 10]), ...repeat(window, [0, 5])])).toMatchObject({
      item: 199,
    });
    expect(watch([...repeat(window, [0, 10]), ...repeat(window, [0, 10])])).toBeNull();
  });

  it("counts samples, not what lies behind the item in its batch", () => {
    const tell = (size: number, ours: number, behind: number) => {
      const seen = new CollapseWatch(shape);
      const items = Math.ceil((window * shape.batch) / size);
      const all = new Int32Array(shape.batch).fill(behind);
      for (let index = 0; index < items; index++)
        seen.add(index, 1, all.fill(index % 2 === 0 ? ours : 1, 0, size), true, size);
      return seen.collapse;
    };
    // Half of the labels are another class: found, whatever the padding, after as many samples.
    expect(tell(1, 0, 1)).toEqual({ item: 999, window: 1000, class: 1 });
    expect(tell(shape.batch, 0, 1)).toEqual({ item: 99, window: 100, class: 1 });
    // All are that class: no fault, whatever the padding.
    expect(tell(1, 1, 0)).toBeNull();
  });

  it("is half of a window's items with logits that are not finite, whatever class they fall to", () => {
    const tell = (isSound: (index: number) => boolean, count = 3 * window) => {
      const seen = new CollapseWatch(shape);
      for (let index = 0; index < count; index++)
        seen.add(index, (index % 4) - 1, labels(5), isSound(index));
      return seen.collapse;
    };
    const none = { window, class: null };
    expect(tell(() => false)).toEqual({ item: 99, ...none });
    expect(tell(() => false, window - 1)).toBeNull();
    expect(tell((index) => index < 130)).toEqual({ item: 179, ...none });
    expect(tell((index) => index % 2 === 0)).toEqual({ item: 99, ...none });
    expect(tell((index) => index % 9 > 3)).toBeNull();
    expect(tell((index) => index < 30 || index > 75)).toBeNull();
  });

  it("goes by the one class among those predicted", () => {
    expect(onlyOf(Int32Array.of(2, 2, 2))).toBe(2);
    expect(onlyOf(Int32Array.of(2, 2, 1))).toBe(-1);
    expect(onlyOf(Int32Array.of(2, 2, 1), 2)).toBe(2);
  });
});
