import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LabelledData } from "../src/datasets/contract.js";
import { loadDataset } from "../src/datasets/registry.js";
import { inputErrorOf } from "./datasets-encode.js";
import { bytesOf, expectedOf, labelsOf, sampleplace } from "./sample-files.js";

const { folder, write, copy, options } = sampleplace();

/** The images' first pixel and label, in order. */
function shadesOf(data: LabelledData): [number[], number][] {
  return labelsOf(data).map((label, index) => [bytesOf(data, index)[0]![0]!, label]);
}

/** JPEG decoders may round otherwise, here by no more than this. */
const roundings = 3;

function expectNear(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [at, value] of expected.entries())
    expect(Math.abs(found[at]! - value)).toBeLessThanOrEqual(roundings);
}

describe("EMNIST", () => {
  it("sets images upright and counts letters from 0", async () => {
    const dataDir = join(copy("emnist", "a/emnist"), "..");
    const { train, test, classNames } = await loadDataset("emnist-letters", {
      ...options,
      dataDir,
    });
    expect(classNames?.join("")).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (const [split, data] of [
      ["train", train],
      ["test", test],
    ] as const) {
      const { labels, rows } = expectedOf<{ labels: number[]; rows: Record<string, number[][]> }>(
        `emnist/${split}`,
      );
      expect(labelsOf(data)).toEqual(labels);
      for (const [row, values] of Object.entries(rows))
        expect(labels.map((_, image) => bytesOf(data, image)[Number(row)]!.flat())).toEqual(values);
    }
  });

  it("says what is missing and where it is from, and which version a folder is asked for", async () => {
    const message = await inputErrorOf(
      loadDataset("emnist-balanced", { ...options, dataDir: join(folder, "a") }),
    );
    expect(message).toMatch(
      /emnist-balanced-train-images-idx3-ubyte\.gz, .* from https:\/\/www\.nist\.gov/,
    );
    const emnist = copy("emnist", "b/emnist");
    for (const name of readdirSync(emnist))
      writeFileSync(
        join(emnist, name.replace("letters", "digits")),
        readFileSync(join(emnist, name)),
      );
    expect(await inputErrorOf(loadDataset(emnist, options))).toMatch(
      /files of one data set .* found those of emnist-letters, emnist-digits; say which with --dataset/,
    );
    // A letter from 1 on is no digit from 0 on.
    expect(
      await inputErrorOf(loadDataset("emnist-digits", { ...options, dataDir: join(folder, "b") })),
    ).toMatch(/labels 0 to 9 in .*emnist-digits-train-labels.* but found \d+ at byte/);
  });
});

describe("Tiny-ImageNet", () => {
  interface Expected {
    readonly classNames: string[];
    readonly images: Record<string, number[][][]>;
    readonly testLabels: number[];
  }

  it("reads JPEGs, also grey ones, and the list of the validation images", async () => {
    const expected = expectedOf<Expected>("tiny-imagenet");
    const path = copy("tiny-imagenet-200", "tiny/tiny-imagenet-200");
    const { train, test, classNames, origin, name } = await loadDataset("tiny-imagenet", {
      ...options,
      dataDir: join(folder, "tiny"),
    });
    expect([name, classNames]).toEqual(["tiny-imagenet (other files)", expected.classNames]);
    expect(origin?.decoder).toMatch(/^sharp \d+\.\d+\.\d+ \(libvips \d+\.\d+\.\d+\)$/);
    expect(labelsOf(test)).toEqual(expected.testLabels);
    const coarse = (image: number[][][]) =>
      image.filter((_, row) => row % 21 === 0).map((row) => row.filter((_, at) => at % 21 === 0));
    for (const [at] of expected.testLabels.entries())
      expectNear(
        coarse(bytesOf(test, at)).flat(2),
        expected.images[`val/images/val_${at}.JPEG`]!.flat(2),
      );
    // The training images are shuffled: each is found once, with its class.
    const left = Object.entries(expected.images).filter(([name]) => name.startsWith("train"));
    for (const [at, label] of labelsOf(train).entries()) {
      const found = coarse(bytesOf(train, at)).flat(2);
      const match = left.findIndex(([name, values]) => {
        const near = values
          .flat(2)
          .every((value, each) => Math.abs(value - found[each]!) <= roundings);
        return near && name.split("/")[1] === expected.classNames[label];
      });
      expect(match).toBeGreaterThanOrEqual(0);
      left.splice(match, 1);
    }
    expect(left).toEqual([]);

    writeFileSync(join(path, "val/val_annotations.txt"), "val_0.JPEG\tn00000000\t0\t0\t1\t1\n");
    expect(await inputErrorOf(loadDataset(path, options))).toMatch(
      /one of the 2 classes of train\/ in line 1 of .*val_annotations\.txt but found "val_0\.JPEG/,
    );
  });
});

describe("CORe50", () => {
  type Entry = [number[], number];
  const expected = expectedOf<{ NC: Entry[][]; NI: Entry[][]; test: Entry[][] }>("core50");
  const sorted = (entries: readonly Entry[]) =>
    entries.map((entry) => JSON.stringify(entry)).sort();

  it.each(["NC", "NI"] as const)(
    "takes the batches of %s one after the other",
    async (scenario) => {
      copy("core50", "cores/core50");
      const load = (seed: number) =>
        loadDataset(`core50-${scenario.toLowerCase()}`, {
          ...options,
          seed,
          dataDir: join(folder, "cores"),
          imageSize: [8, 8],
        });
      const { train, test } = await load(20);
      expect(train.inputShape).toEqual([8, 8, 3]);
      expect(shadesOf(test)).toEqual(expected.test.flat());
      const found = shadesOf(train);
      let start = 0;
      for (const batch of expected[scenario]) {
        expect(sorted(found.slice(start, start + batch.length))).toEqual(sorted(batch));
        start += batch.length;
      }
      expect(start).toBe(train.count);
      // The seed shuffles within a batch, and chooses the run, of which there is the first alone.
      expect(shadesOf((await load(20)).train)).toEqual(found);
      expect(shadesOf((await load(30)).train)).not.toEqual(found);
      expect(await inputErrorOf(load(3))).toMatch(/file lists of run 3 in .*_inc/);
    },
  );

  it("refuses lists that lead elsewhere and images that are not there", async () => {
    const path = copy("core50", "other/core50");
    const list = join(path, "batches_filelists/NC_inc/run0/train_batch_01_filelist.txt");
    const load = () => loadDataset(path, { ...options, seed: 0 });
    writeFileSync(list, "s1/o1/C_01_01_000.png 0\n../../etc/passwd 0\n");
    expect(await inputErrorOf(load())).toMatch(/a path below .* in line 2 of .*train_batch_01/);
    writeFileSync(list, "s1/o1/C_01_01_000.png 50\n");
    expect(await inputErrorOf(load())).toMatch(/label 0 to 49 in line 1/);
    writeFileSync(list, "s1/o1/C_01_01_000.png 0\ns1/o1/none.png 0\n");
    expect(await inputErrorOf(load())).toMatch(/none\.png.*ENOENT/);
  });
});

describe("CLEAR", () => {
  it("reads buckets in the order of time, and cuts images to their middle", async () => {
    const { classNames, shades } = expectedOf<{
      classNames: string[];
      shades: Record<string, number[]>;
    }>("clear");
    const path = copy("clear10", "clear/clear10");
    const dataset = await loadDataset("clear10", { ...options, dataDir: join(folder, "clear") });
    expect([dataset.name, dataset.classNames]).toEqual(["clear10", classNames]);
    expect(dataset.train.inputShape).toEqual([64, 64, 3]);
    for (const [data, split, buckets] of [
      [dataset.train, "train_image_only", [1, 2, 10]],
      [dataset.test, "test", [1, 2]],
    ] as const)
      for (const [at, [shade, label]] of shadesOf(data).entries()) {
        const bucket = buckets[Math.floor(at / 2)]!;
        expectNear(
          shade,
          shades[`${split}/labeled_images/${bucket}/${classNames[label]}/${1000 + bucket}.jpg`]!,
        );
      }
    rmSync(join(path, "test"), { recursive: true });
    expect(
      await inputErrorOf(loadDataset("clear10", { ...options, dataDir: join(folder, "clear") })),
    ).toMatch(/train_image_only.* for clear10 in .*clear10 .* from https:\/\/clear-benchmark/);
  });
});

describe("a folder of images", () => {
  interface Expected {
    readonly classNames: string[];
    readonly images: Record<string, number[][][]>;
  }
  const { images, classNames } = expectedOf<Expected>("folder");

  it("decodes PNGs of all kinds as Pillow does, sorted, one class a folder", async () => {
    const path = copy("folder");
    const dataset = await loadDataset(path, options);
    expect([dataset.name, dataset.classNames, dataset.origin?.files]).toEqual([
      "folder",
      classNames,
      "images",
    ]);
    for (const [data, split] of [
      [dataset.train, "train"],
      [dataset.test, "val"],
    ] as const) {
      const names = Object.keys(images).filter((name) => name.startsWith(split));
      expect(labelsOf(data).map((label) => classNames[label])).toEqual(
        names.map((name) => name.split("/")[1]),
      );
      expect(names.map((_, at) => bytesOf(data, at))).toEqual(names.map((name) => images[name]));
    }
  });

  it("holds out a fifth where there is one split, and standardises by the rest", async () => {
    const path = copy("folder/train", "single");
    const { train, test } = await loadDataset(path, options);
    expect([train.count, test.count]).toEqual([5, 1]);
    const values = labelsOf(train).flatMap((_, at) => {
      const x = new Float32Array(5 * 7 * 3);
      train.read(at, x, 0);
      return [...x].filter((_, value) => value % 3 === 1);
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(square).toBeCloseTo(1, 5);
  });

  it("refuses damaged images, other sizes, and options that do nothing", async () => {
    const path = copy("folder", "broken");
    const cat = join(path, "train/cat/1.png");
    const whole = readFileSync(cat);
    for (const bytes of [
      whole.subarray(0, whole.length - 20),
      Buffer.from("no image"),
      Buffer.alloc(0),
    ]) {
      writeFileSync(cat, bytes);
      expect(await inputErrorOf(loadDataset(path, options))).toMatch(
        /Expected an image in .*cat\/1\.png but it cannot be decoded .*fetch it again or remove it$/,
      );
    }
    // A header that claims 40,000 x 40,000 pixels.
    const huge = Buffer.from(whole);
    huge.writeUInt32BE(40_000, 16);
    huge.writeUInt32BE(40_000, 20);
    writeFileSync(cat, huge);
    expect(await inputErrorOf(loadDataset(path, options))).toMatch(
      /1\.png but it cannot be decoded/,
    );
    writeFileSync(cat, readFileSync(copy("tiny-imagenet-200/val/images/val_0.JPEG", "val_0.JPEG")));
    expect(await inputErrorOf(loadDataset(path, options))).toMatch(
      /image of 5 x 7 in .*1\.png as in .*0\.png but it has 64 x 64; .* --image-size/,
    );
    expect((await loadDataset(path, { ...options, imageSize: [6, 6] })).train.inputShape).toEqual([
      6, 6, 3,
    ]);
    expect(await inputErrorOf(loadDataset(path, { ...options, header: "yes" }))).toMatch(
      /--header but received .*broken, which is a folder of images/,
    );
    expect(await inputErrorOf(loadDataset("mnist", { ...options, imageSize: [6, 6] }))).toMatch(
      /JPEGs or PNGs .* --image-size but received mnist/,
    );
    write("broken/val/bird/0.png", whole);
    expect(await inputErrorOf(loadDataset(path, { ...options, imageSize: [6, 6] }))).toMatch(
      /the classes of .*train .* found bird/,
    );
  });
});
