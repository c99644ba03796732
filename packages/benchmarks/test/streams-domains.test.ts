// Streams whose samples change their looks.
import { describe, expect, it } from "vitest";
import type { LabelledData, RotatableData } from "../src/datasets/contract.js";
import { createStream } from "../src/streams/registry.js";
import { lastAngle } from "../src/streams/rotating.js";
import { inputError } from "./datasets-encode.js";
import { indexed } from "./indexed-data.js";

describe("permuted", () => {
  /** Four pixels of two channels that say which they are. */
  const train: LabelledData = {
    count: 100,
    classes: 2,
    inputShape: [2, 2, 2],
    read: (_, x, offset) => {
      for (let value = 0; value < 8; value++) x[offset + value] = value;
    },
    label: (index) => index % 2,
  };
  const dataset = { name: "pixels", train, test: train };

  it("moves whole pixels, the same way throughout a task, in the first one not at all", () => {
    const stream = createStream(dataset, { order: "permuted", batch: 1, items: 50, seed: 4 });
    const x = new Float32Array(8);
    const seen = Array.from({ length: 50 }, (_, item) => {
      stream.readItem(item, x, new Int32Array(1));
      return [...x];
    });
    expect(stream.tasks?.map(({ firstItem }) => firstItem)).toEqual([0, 10, 20, 30, 40]);
    stream.tasks?.forEach(({ firstItem, view }, task) => {
      const own = seen.slice(firstItem, firstItem + 10);
      expect(new Set(own.map(String)).size).toBe(1);
      const pixels = [0, 1, 2, 3].map((pixel) => own[0]!.slice(2 * pixel, 2 * pixel + 2));
      for (const [first, second] of pixels) expect([first! % 2, second]).toEqual([0, first! + 1]);
      expect([...own[0]!].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      if (task === 0) expect(own[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      // Test samples are shown as the task shows them.
      view?.(train).read(0, x, 0);
      expect([...x]).toEqual(own[0]);
    });
    expect(new Set(seen.map(String)).size).toBeGreaterThan(1);
  });
});

describe("rotating", () => {
  it("turns the samples of the iid kind by an even ramp from 0 to 180 degrees", () => {
    const dataset = indexed(new Array<number>(200).fill(0), 2);
    // Samples that say by which angle they were turned.
    const train: RotatableData = {
      ...dataset.train,
      readRotated: (index, angle, x, offset) => {
        x[offset] = index;
        x[offset + 1] = angle;
      },
    };
    const request = { batch: 4, items: 25, seed: 1 };
    const stream = createStream({ ...dataset, train }, { order: "rotating", ...request });
    const x = new Float32Array(8);
    const indices: number[] = [];
    for (let item = 0; item < 25; item++) {
      stream.readItem(item, x, new Int32Array(4));
      for (let place = 0; place < 4; place++) {
        expect(x[2 * place + 1]).toBeCloseTo((lastAngle * (4 * item + place)) / 99, 4);
        indices.push(x[2 * place]!);
      }
    }
    expect(new Set(indices).size).toBe(100);
    expect(lastAngle).toBe(180);
  });

  it("refuses data that cannot be turned", () => {
    const call = () => createStream(indexed([0, 1], 2), { order: "rotating", batch: 1, seed: 1 });
    expect(inputError(call)).toMatch(
      /Expected images for the order "rotating" but received samples of shape \[1, 2\]/,
    );
  });
});
