import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LabelledData } from "../src/datasets/contract.js";
import { loadDataset } from "../src/datasets/registry.js";

const dataDir = process.env.FERRET_DATA_DIR || undefined;
const options = { dataDir, seed: 1, download: false } as const;

/** A test on files that must be there; where not, it is skipped and says why. */
function real(folder: string, title: string, check: () => Promise<void>) {
  const there = dataDir !== undefined && existsSync(join(dataDir, folder));
  const reason = dataDir === undefined ? "FERRET_DATA_DIR is not set" : `it has no ${folder}`;
  it.skipIf(!there)(there ? title : `${title} (skipped: ${reason})`, check);
  if (!there) console.log(`Skipped: ${title}; ${reason}`);
}

function histogram(...splits: LabelledData[]): number[] {
  const counts = new Array<number>(splits[0]?.classes ?? 0).fill(0);
  for (const data of splits)
    for (let index = 0; index < data.count; index++) counts[data.label(index)]! += 1;
  return counts;
}

/** Mean and standard deviation of each channel (last axis) of what `read` gives. */
function moments(data: LabelledData) {
  const channels = data.inputShape.at(-1) as number;
  const length = data.inputShape.reduce((product, size) => product * size, 1);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const x = new Float32Array(length);
  for (let index = 0; index < data.count; index++) {
    data.read(index, x, 0);
    for (let at = 0; at < length; at++) {
      sums[at % channels]! += x[at]!;
      squares[at % channels]! += x[at]! ** 2;
    }
  }
  const values = data.count * (length / channels);
  const mean = [...sums].map((sum) => sum / values);
  const deviation = [...squares].map((sum, at) => Math.sqrt(sum / values - mean[at]! ** 2));
  return { mean, deviation };
}

describe("real files", () => {
  real("mnist", "MNIST: counts, published mean and deviation", async () => {
    const { train, test } = await loadDataset("mnist", options);
    expect([train.count, test.count, train.inputShape]).toEqual([60_000, 10_000, [28, 28, 1]]);
    expect(histogram(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(histogram(test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const { mean, deviation } = moments(train);
    expect(mean[0]).toBeCloseTo(0, 3);
    expect(deviation[0]).toBeCloseTo(1, 3);
  });

  real("cifar-10-batches-bin", "CIFAR-10, first 4,000: counts and channel statistics", async () => {
    const { train, test, classNames } = await loadDataset("cifar10", options);
    expect([train.count, test.count, train.inputShape]).toEqual([4_000, 1_000, [32, 32, 3]]);
    expect(histogram(train)).toEqual([396, 366, 420, 384, 422, 393, 414, 385, 407, 413]);
    expect(histogram(test)).toEqual([103, 89, 100, 103, 90, 86, 112, 102, 106, 109]);
    expect(classNames?.[6]).toBe("frog");
    const { mean, deviation } = moments(train);
    const published = { mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] };
    for (const [channel, value] of [0.4916, 0.4818, 0.4447].entries())
      expect(mean[channel]! * published.deviation[channel]! + published.mean[channel]!).toBeCloseTo(
        value,
        3,
      );
    for (const [channel, value] of [0.2471, 0.244, 0.2625].entries())
      expect(deviation[channel]! * published.deviation[channel]!).toBeCloseTo(value, 3);
  });

  real("covertype", "Covertype sample: shares of the classes, one flag of each kind", async () => {
    const { train, test } = await loadDataset("covertype", options);
    expect([train.count, test.count, train.inputShape]).toEqual([12_000, 3_000, [54]]);
    expect(histogram(train, test)).toEqual([5487, 7292, 931, 67, 238, 466, 519]);
    const { mean, deviation } = moments(train);
    for (let column = 0; column < 10; column++) {
      expect(mean[column]).toBeCloseTo(0, 3); // clipping moves it a little
      expect(deviation[column]).toBeCloseTo(1, 2);
    }
    const x = new Float32Array(54);
    for (const data of [train, test])
      for (let index = 0; index < data.count; index++) {
        data.read(index, x, 0);
        expect(x.subarray(10, 14).reduce((sum, flag) => sum + flag, 0)).toBe(1);
        expect(x.subarray(14).reduce((sum, flag) => sum + flag, 0)).toBe(1);
      }
  });

  real("weather", "weather: counts, and the sentinel clipped", async () => {
    const { train, test, classNames } = await loadDataset("weather", options);
    expect([train.count, test.count, train.inputShape]).toEqual([14_528, 3_631, [8]]);
    expect(classNames).toEqual(["no rain", "rain"]);
    expect(histogram(train, test)).toEqual([12_461, 5_698]);
    const x = new Float32Array(8);
    let largest = 0;
    for (const data of [train, test])
      for (let index = 0; index < data.count; index++) {
        data.read(index, x, 0);
        for (const value of x) largest = Math.max(largest, Math.abs(value));
      }
    expect(largest).toBe(10);
  });

  real("digits", "optical digits, a csv file by its path", async () => {
    const { train, test } = await loadDataset(join(dataDir ?? "", "digits/digits.csv.gz"), options);
    expect(histogram(train, test)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });
});
