import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { storedImageData } from "../src/datasets/byte-images.js";
import { loadNpz } from "../src/datasets/npz.js";
import { histogramOf, packImages, statisticsOfHistogram } from "../src/datasets/packed-images.js";
import { loadDataset } from "../src/datasets/registry.js";
import { inputErrorOf } from "./datasets-encode.js";
import { bytesOf, expectedOf, labelsOf, sampleplace, samples } from "./sample-files.js";

const { write, copy, options, cacheDir } = sampleplace();

interface Split {
  readonly labels: number[];
  readonly images: number[][][][];
  readonly classNames?: string[];
}

describe("Parquet", () => {
  it("reads shards of the Hugging Face Hub, with names of the classes", async () => {
    const { train, test, classNames, name, origin } = await loadDataset(
      join(samples, "parquet"),
      options,
    );
    expect(name).toBe("parquet");
    expect(origin).toMatchObject({ files: "images", decoder: expect.stringMatching(/^sharp/) });
    for (const [split, data] of [
      ["train", train],
      ["test", test],
    ] as const) {
      const expected = expectedOf<Split>(`parquet/${split}`);
      expect(classNames).toEqual(expected.classNames);
      expect(labelsOf(data)).toEqual(expected.labels);
      expect(expected.images.map((_, at) => bytesOf(data, at))).toEqual(expected.images);
    }
  });

  it.each(["none", "gzip", "brotli"])("reads plain images with words, codec %s", async (codec) => {
    const expected = expectedOf<{ words: string[]; images: number[][][][] }>("parquet-words");
    const path = join(samples, "parquet-words", `${codec}.parquet`);
    const { train, test, classNames } = await loadDataset(path, {
      ...options,
      label: "kind",
      fromEnd: true,
    });
    expect(classNames).toEqual(["bush", "moss", "tree"]);
    expect([train.count, test.count]).toEqual([10, 2]);
    const words = [...labelsOf(train), ...labelsOf(test)].map((label) => classNames![label]);
    expect(words).toEqual(expected.words);
    const images = [train, test].flatMap((data) =>
      labelsOf(data).map((_, at) => bytesOf(data, at)),
    );
    expect(images).toEqual(expected.images);
  });

  it("refuses a missing shard, unknown columns, and ZSTD where Node has none", async () => {
    const path = copy("parquet", "shards");
    rmSync(join(path, "train-00000-of-00002.parquet"));
    expect(await inputErrorOf(loadDataset(path, options))).toMatch(
      /2 files of the split train in .*shards but number 0 is missing/,
    );
    const words = join(samples, "parquet-words/none.parquet");
    expect(await inputErrorOf(loadDataset(words, options))).toMatch(
      /a column of labels in .*none\.parquet but found "kind"; name it with --label/,
    );
    expect(await inputErrorOf(loadDataset(words, { ...options, label: "picture" }))).toMatch(
      /a column "picture" in .* but found "kind"/,
    );
    const zstd = loadDataset(join(samples, "parquet-words/zstd.parquet"), {
      ...options,
      label: "kind",
    });
    if ("zstdDecompressSync" in (await import("node:zlib")))
      expect((await zstd).train.count).toBe(10);
    else expect(await inputErrorOf(zstd)).toMatch(/ZSTD, but .* packed by ZSTD/);
  });

  it("tells damage in one sentence", async () => {
    const whole = readFileSync(join(samples, "parquet-words/none.parquet"));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, cut) => {
          const bytes = cut ? whole.subarray(0, at) : Uint8Array.from(whole);
          if (!cut) bytes[at]! ^= change;
          const path = write("damaged.parquet", bytes);
          const outcome = await loadDataset(path, { ...options, label: "kind" }).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (outcome !== undefined)
            expect(outcome).toMatchObject({
              code: "FERRET_INPUT",
              message: expect.stringContaining("damaged.parquet"),
            });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe(".npz", () => {
  it.each(["keras", "medmnist", "planes"])("reads what NumPy wrote: %s", async (name) => {
    const { train, test, origin } = await loadDataset(join(samples, "npz", `${name}.npz`), options);
    expect(origin).toEqual({ files: "arrays" });
    for (const [split, data] of [
      ["train", train],
      ["test", test],
    ] as const) {
      const expected = expectedOf<Split>(`npz/${name}/${split}`);
      expect(labelsOf(data)).toEqual(expected.labels);
      expect(expected.images.map((_, at) => bytesOf(data, at))).toEqual(expected.images);
    }
  });

  it.each(["keras", "medmnist"])("tells damage in one sentence: %s", async (name) => {
    const whole = readFileSync(join(samples, "npz", `${name}.npz`));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, cut) => {
          const bytes = cut ? whole.subarray(0, at) : Uint8Array.from(whole);
          if (!cut) bytes[at]! ^= change;
          const outcome = await loadNpz(write("damaged.npz", bytes), options).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (outcome !== undefined)
            expect(outcome).toMatchObject({
              code: "FERRET_INPUT",
              message: expect.stringContaining("damaged.npz"),
            });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("packed images", () => {
  const count = 9;
  const shape = [2, 3, 3] as const;
  const pixels = Uint8Array.from({ length: count * 18 }, (_, at) => (at * 37) % 251);
  let reads = 0;
  const source = (mostHeldBytes: number) => ({
    files: [write("source.bin", pixels)],
    reading: "test",
    mostHeldBytes,
    cacheDir,
    async fill(open: (shape: readonly [number, number, number]) => unknown) {
      reads += 1;
      const take = open(shape) as (pixels: Uint8Array, start: number, label: number) => void;
      for (let image = 0; image < count; image++) take(pixels, 18 * image, image % 4);
      return { classNames: ["a", "b", "c", "d"] };
    },
  });
  const kept = () =>
    existsSync(join(cacheDir, "images")) ? readdirSync(join(cacheDir, "images")) : [];

  it("are the same from memory and from the cache, which is filled once", async () => {
    const before = kept();
    const { files, ...rest } = source(2 ** 30);
    const held = await packImages({ files, ...rest });
    expect(kept()).toEqual(before);
    const time = statSync(files[0]!).mtimeMs / 1000;
    const filed = async () => {
      const small = source(0);
      utimesSync(files[0]!, time, time);
      return packImages(small);
    };
    expect(held.store.bytes).toEqual(pixels);
    reads = 0;
    for (const read of [await filed(), await filed()]) {
      expect({ ...read, store: null, histogram: [...(read.histogram as number[])] }).toEqual({
        ...held,
        store: null,
        histogram: [...(held.histogram as number[])],
      });
      const statistics = statisticsOfHistogram(read.histogram);
      const images = (packed: typeof read) =>
        storedImageData({ ...packed, classes: 4 }, statistics);
      for (const image of [8, 0, 3, 3])
        expect(bytesOf(images(read), image)).toEqual(bytesOf(images(held), image));
    }
    expect(reads).toBe(1);

    // Cut off, or of a file that has changed since: made anew.
    const file = kept().find((name) => !before.includes(name) && name.endsWith(".pixels"))!;
    truncateSync(join(cacheDir, "images", file), 40);
    await filed();
    expect(reads).toBe(2);
    utimesSync(files[0]!, time + 9, time + 9);
    const changed = source(0);
    utimesSync(files[0]!, time + 9, time + 9);
    await packImages(changed);
    expect(reads).toBe(3);
  });

  it("have the mean and deviation of their pixels", async () => {
    const read = await packImages(source(2 ** 30));
    const order = Uint32Array.of(1, 5);
    const { mean, deviation } = statisticsOfHistogram(histogramOf(read, order));
    for (const channel of [0, 1, 2]) {
      const values = [...order].flatMap((image) =>
        [...pixels.subarray(18 * image, 18 * image + 18)].filter((_, at) => at % 3 === channel),
      );
      const average = values.reduce((sum, value) => sum + value / 255, 0) / values.length;
      const square = values.reduce((sum, value) => sum + (value / 255 - average) ** 2, 0);
      expect(mean[channel]).toBeCloseTo(average, 12);
      expect(deviation[channel]).toBeCloseTo(Math.sqrt(square / values.length), 12);
    }
    const one = statisticsOfHistogram(
      Float64Array.from({ length: 256 }, (_, byte) => +(byte === 77)),
    );
    expect(one).toEqual({ mean: [77 / 255], deviation: [1] });
  });

  it("leave nothing behind where reading fails", async () => {
    const before = kept();
    const failing = {
      ...source(0),
      reading: "failing",
      async fill(open: (shape: readonly [number, number, number]) => unknown) {
        const take = open([700, 500, 3]) as (
          pixels: Uint8Array,
          start: number,
          label: number,
        ) => void;
        for (let image = 0; image < 4; image++) take(new Uint8Array(1_050_000), 0, 0);
        throw new Error("the source fails");
      },
    };
    await expect(packImages(failing)).rejects.toThrow("the source fails");
    expect(kept()).toEqual(before);
  });
});
