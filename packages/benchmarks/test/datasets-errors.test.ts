import { describe, expect, it } from "vitest";
import { InputError, nearestName } from "../src/errors.js";
import { Random, shuffle } from "../src/random.js";

describe("errors", () => {
  it("carry the code of bad input", () => {
    const error = new InputError("x");
    expect([error.code, error.name, error instanceof Error]).toEqual([
      "FERRET_INPUT",
      "InputError",
      true,
    ]);
  });

  it("find the nearest name", () => {
    const known = ["mnist", "fashion-mnist", "cifar10", "cifar100", "covertype"];
    const found = [
      "minst",
      "MNIST",
      "cifar-10",
      "covertpye",
      "fashionmnist",
      "imagenet",
      "",
      "xy",
    ].map((name) => nearestName(name, known));
    expect(found).toEqual([
      "mnist",
      "mnist",
      "cifar10",
      "covertype",
      "fashion-mnist",
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("random numbers", () => {
  it("are sfc32: a literal transcription with unsigned 64-bit integers gives the same", () => {
    const mask = 0xffffffffn;
    let [a, b, c, counter] = [123n, 456n, 789n, 1n];
    const next = () => {
      const result = (a + b + counter) & mask;
      counter = (counter + 1n) & mask;
      a = b ^ (b >> 9n);
      b = (c + (c << 3n)) & mask;
      c = ((((c << 21n) | (c >> 11n)) & mask) + result) & mask;
      return Number(result);
    };
    for (let round = 0; round < 12; round++) next();
    const random = new Random(123, 456, 789);
    for (let draw = 0; draw < 1_000; draw++) expect(random.bits()).toBe(next());
  });

  it("start again where they are reseeded, and differ in each word", () => {
    const random = new Random(1, 2, 3);
    const first = [random.bits(), random.bits()];
    random.reseed(1, 2, 3);
    expect([random.bits(), random.bits()]).toEqual(first);
    for (const [seed, stream, index] of [
      [2, 2, 3],
      [1, 3, 3],
      [1, 2, 4],
    ] as const)
      expect(new Random(seed, stream, index).bits()).not.toBe(first[0]);
  });

  it("have the moments and the ranges that they say", () => {
    const random = new Random(5);
    const draws = Array.from({ length: 50_000 }, () => [
      random.between(-1, 3),
      random.roughNormal(),
      random.below(7),
    ]);
    const mean = (of: (draw: number[]) => number) =>
      draws.reduce((sum, draw) => sum + of(draw), 0) / draws.length;
    expect(mean(([uniform]) => uniform!)).toBeCloseTo(1, 1);
    expect(mean(([uniform]) => (uniform! - 1) ** 2)).toBeCloseTo(16 / 12, 1);
    expect(mean(([, normal]) => normal!)).toBeCloseTo(0, 1);
    expect(mean(([, normal]) => normal! ** 2)).toBeCloseTo(1, 1);
    for (let value = 0; value < 7; value++)
      expect(mean(([, , integer]) => Number(integer === value))).toBeCloseTo(1 / 7, 2);
  });

  it("shuffle all orders alike", () => {
    const counts = new Map<string, number>();
    const random = new Random(9);
    for (let draw = 0; draw < 12_000; draw++) {
      const values = [0, 1, 2];
      shuffle(values, random);
      counts.set(values.join(), (counts.get(values.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Chi-squared with 5 degrees of freedom: 20.5 is passed once in a thousand times.
    const squares = [...counts.values()].map((count) => (count - 2_000) ** 2 / 2_000);
    expect(squares.reduce((sum, value) => sum + value, 0)).toBeLessThan(20.5);
  });
});
