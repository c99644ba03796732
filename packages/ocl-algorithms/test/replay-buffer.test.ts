import { describe, expect, it } from "vitest";
import { Allotment, Random, ReplayBuffer, type ReplayBufferOptions } from "../src/index.js";

/** A buffer of samples of one value. */
function bufferOf(seed: number, options: Partial<ReplayBufferOptions> = {}) {
  const all = { capacity: 10, inputLength: 1, classes: 10, ...options };
  return new ReplayBuffer(all, new Random(seed), new Allotment());
}

const single = (value: number, label = 0) => ({
  x: Float32Array.of(value),
  labels: Int32Array.of(label),
  size: 1,
});

/** All that a buffer holds, as it would draw them. */
function contents(buffer: ReplayBuffer) {
  const { size } = buffer;
  const target = { x: new Float32Array(size), labels: new Int32Array(size), size };
  buffer.draw(size, target, 0);
  return { x: [...target.x], labels: [...target.labels] };
}

/** Pearson's statistic against equal expected counts. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("a reservoir", () => {
  it("keeps every sample of the stream with equal probability", () => {
    const [length, runs] = [40, 4000];
    const counts = Array<number>(length).fill(0);
    for (let seed = 0; seed < runs; seed++) {
      const buffer = bufferOf(seed * 7919);
      for (let value = 0; value < length; value++) buffer.add(single(value));
      for (const value of contents(buffer).x) counts[value]!++;
    }
    // 39 degrees of freedom: 72.1 is exceeded once in a thousand times.
    expect(chiSquare(counts, (runs * 10) / length)).toBeLessThan(72.1);
  });
});

describe("a ring", () => {
  it("keeps the newest samples", () => {
    const buffer = bufferOf(1, { buffer: "ring" });
    for (let value = 0; value < 37; value++) {
      buffer.add(single(value));
      const newest = Array.from({ length: buffer.size }, (_, index) => value - index);
      expect(contents(buffer).x.sort((a, b) => b - a)).toEqual(newest);
    }
  });
});

describe("a balanced buffer", () => {
  /** Class 0 is 20 times as frequent as the classes 1 to 4. */
  const labelAt = (index: number) => (index % 24 < 20 ? 0 : (index % 24) - 19);

  it("holds rare classes whole, and the same number of each where it can", () => {
    const buffer = bufferOf(3, { capacity: 20, buffer: "balanced" });
    const seen = [0, 0, 0, 0, 0];
    for (let index = 0; index < 24 * 10; index++) {
      seen[labelAt(index)]!++;
      buffer.add(single(index, labelAt(index)));
      const { labels } = contents(buffer);
      expect(labels.length).toBe(Math.min(index + 1, 20));
      const held = [0, 1, 2, 3, 4].map((label) => labels.filter((each) => each === label).length);
      const most = Math.max(...held);
      // Whoever has fewer than the largest is there with all that came of it.
      for (const label of [1, 2, 3, 4])
        if (held[label]! < most - 1) expect(held[label]).toBe(seen[label]);
    }
    const { labels } = contents(buffer);
    expect([0, 1, 2, 3, 4].map((label) => labels.filter((each) => each === label).length)).toEqual([
      4, 4, 4, 4, 4,
    ]);
  });

  it("keeps a uniform sample of a class", () => {
    const counts = Array<number>(30).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      const buffer = bufferOf(seed * 104_729, { capacity: 6, buffer: "balanced" });
      for (let value = 0; value < 30; value++) {
        buffer.add(single(value, 0));
        buffer.add(single(1000, 1));
      }
      for (const value of contents(buffer).x) if (value < 30) counts[value]!++;
    }
    const held = counts.reduce((sum, count) => sum + count, 0);
    expect(held).toBe(3 * 4000);
    // 29 degrees of freedom: 58.3 is exceeded once in a thousand times.
    expect(chiSquare(counts, held / 30)).toBeLessThan(58.3);
  });
});

describe("drawing", () => {
  it("gives every held sample with equal probability, none twice", () => {
    const buffer = bufferOf(3, { capacity: 20 });
    for (let value = 0; value < 20; value++) buffer.add(single(value));
    const counts = Array<number>(20).fill(0);
    for (let run = 0; run < 4000; run++) {
      const target = { x: new Float32Array(5), labels: new Int32Array(5), size: 0 };
      expect(buffer.draw(5, target, 0)).toBe(5);
      expect(new Set(target.x).size).toBe(5);
      for (const value of target.x) counts[value]!++;
    }
    // 19 degrees of freedom: 43.8 is exceeded once in a thousand times.
    expect(chiSquare(counts, 1000)).toBeLessThan(43.8);
  });

  it("gives what there is where more is asked for, behind the offset, with its targets", () => {
    const buffer = bufferOf(3, { targetLength: 2 });
    const target = {
      x: new Float32Array(8).fill(-1),
      labels: new Int32Array(8),
      targets: new Float32Array(16),
      size: 0,
    };
    expect(buffer.draw(5, target, 2)).toBe(0);
    buffer.add({ ...single(7, 4), targets: Float32Array.of(0.5, 0.25) });
    expect(buffer.draw(5, target, 2)).toBe(1);
    expect([...target.x]).toEqual([-1, -1, 7, -1, -1, -1, -1, -1]);
    expect(target.labels[2]).toBe(4);
    expect([...target.targets.subarray(4, 6)]).toEqual([0.5, 0.25]);
  });
});

describe("pixels", () => {
  const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

  it.each([
    ["b / 255", true, everyByte.map((byte) => byte / 255)],
    [
      "standardised by channel",
      { mean: [0.13, 0.4], deviation: [0.31, 0.2] },
      everyByte.map((byte) => (byte / 255 - (byte % 2 ? 0.4 : 0.13)) / (byte % 2 ? 0.2 : 0.31)),
    ],
  ] as const)(
    "%s: every byte comes back to the bit, in a quarter of the memory",
    (_, pixels, values) => {
      const memory = new Allotment();
      const options = { capacity: 100, inputLength: 256, classes: 2, pixels };
      const buffer = new ReplayBuffer(options, new Random(1), memory);
      const x = Float32Array.from(values);
      buffer.add({ x, labels: Int32Array.of(1), size: 1 });
      const target = { x: new Float32Array(256), labels: new Int32Array(1), size: 0 };
      buffer.draw(1, target, 0);
      expect([...target.x]).toEqual([...x]);
      // The table of the bytes' values is counted too.
      expect(memory.bytes.replay).toBeLessThan(100 * 256 + 448 + 2 * 1024 + 1);
    },
  );

  it("refuses what was no byte, and names the remedy", () => {
    const buffer = bufferOf(1, { pixels: true });
    expect(() => buffer.add(single(0.5))).toThrow(
      "Expected a byte scaled as pixels says for input 0 but received 0.5; " +
        "leave the option pixels out for inputs that were not bytes",
    );
    expect(() => buffer.add(single(-1 / 255))).toThrow("for input 0");
    expect(() => bufferOf(1, { pixels: { mean: [0, 0], deviation: [1, 1] } })).toThrow(
      "for each channel of 1 values in pixels",
    );
  });
});
