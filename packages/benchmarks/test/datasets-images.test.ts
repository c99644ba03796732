import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteImageData } from "../src/datasets/byte-images.js";
import { readCifar } from "../src/datasets/cifar.js";
import { readIdx } from "../src/datasets/idx.js";
import { gzip, idx, inputErrorOf, workplace } from "./datasets-encode.js";

const { folder, write } = workplace();

describe("IDX", () => {
  const anySplit = fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
    )
    .chain(([count, height, width]) =>
      fc.record({
        sizes: fc.constant([count, height, width] as const),
        pixels: fc.array(fc.integer({ min: 0, max: 255 }), {
          minLength: count * height * width,
          maxLength: count * height * width,
        }),
        labels: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }),
        compressed: fc.boolean(),
      }),
    );

  it("gives back what was written, plain or gzip", async () => {
    await fc.assert(
      fc.asyncProperty(anySplit, async ({ sizes, pixels, labels, compressed }) => {
        const pack = compressed ? gzip : (bytes: Uint8Array) => bytes;
        const images = write("images", pack(idx(sizes, pixels)));
        const read = await readIdx(images, write("labels", pack(idx([sizes[0]], labels))), 10);
        expect([...read.pixels]).toEqual(pixels);
        expect([...read.labels]).toEqual(labels);
        expect(read.inputShape).toEqual([sizes[1], sizes[2], 1]);
      }),
    );
  });

  const images = idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const labels = idx([2], [0, 9]);
  const cases: [string, Uint8Array, Uint8Array, RegExp][] = [
    [
      "labels in the images' place",
      labels,
      labels,
      /header of 16 bytes in .*images.* ends at byte 10/,
    ],
    [
      "another type",
      Uint8Array.from(images).fill(9, 2, 3),
      labels,
      /0x00000803 .* byte 0 of .*images.* found 0x00000903/,
    ],
    ["a cut-off header", images.subarray(0, 9), labels, /header of 16 bytes in .*images.* byte 9/],
    [
      "cut-off images",
      images.subarray(0, 20),
      labels,
      /Expected 24 bytes in .*images.* found 20;.* cut off/,
    ],
    [
      "trailing bytes",
      Uint8Array.from([...images, 0]),
      labels,
      /Expected 24 bytes in .*images.* found 25/,
    ],
    ["no images", idx([0, 2, 2], []), idx([0], []), /at least one value in .*images.* 0 x 2 x 2/],
    ["too few labels", images, idx([1], [0]), /as many labels as images .* 1 labels .* 2 images/],
    [
      "a label that is no class",
      images,
      idx([2], [3, 10]),
      /labels 0 to 9 in .*labels.* found 10 at byte 9/,
    ],
    [
      "a cut-off gzip",
      gzip(images).subarray(0, 25),
      labels,
      /whole gzip data in .*images.*Z_BUF_ERROR.*cut off/,
    ],
    [
      "a damaged gzip",
      Uint8Array.from([0x1f, 0x8b, 7, 7, 7, 7]),
      labels,
      /whole gzip data in .*images/,
    ],
  ];
  it.each(cases)("refuses %s", async (_, imageBytes, labelBytes, message) => {
    const files = [write("images", imageBytes), write("labels", labelBytes)] as const;
    expect(await inputErrorOf(readIdx(...files, 10))).toMatch(message);
  });

  it("refuses a missing file and a folder", async () => {
    expect(await inputErrorOf(readIdx(`${folder}/none`, `${folder}/none`, 10))).toMatch(
      /none.*ENOENT/,
    );
    expect(await inputErrorOf(readIdx(folder, folder, 10))).toMatch(/EISDIR/);
  });
});

describe("CIFAR", () => {
  const plane = 32 * 32;
  /** A record whose pixel at (plane p, place i) is known in closed form. */
  const record = (labels: readonly number[], salt: number) => [
    ...labels,
    ...Array.from({ length: 3 * plane }, (_, at) => (at * 7 + salt) & 255),
  ];

  it("puts planes in channels-last order and counts the records by the size", async () => {
    const files = [
      write("data_batch_1.bin", Uint8Array.from([...record([3], 1), ...record([9], 2)])),
      write("data_batch_2.bin", Uint8Array.from(record([0], 3))),
    ];
    const read = await readCifar(files, { labelBytes: 1, classes: 10 });
    expect([...read.labels]).toEqual([3, 9, 0]);
    expect(read.inputShape).toEqual([32, 32, 3]);
    for (const [image, salt] of [1, 2, 3].entries())
      for (const place of [0, 1, 31, 32, 1023])
        for (const channel of [0, 1, 2])
          expect(read.pixels[image * 3 * plane + place * 3 + channel]).toBe(
            ((channel * plane + place) * 7 + salt) & 255,
          );
  });

  it("takes the fine label of CIFAR-100", async () => {
    const file = write(
      "train.bin",
      Uint8Array.from([...record([19, 99], 0), ...record([0, 7], 0)]),
    );
    expect([...(await readCifar([file], { labelBytes: 2, classes: 100 })).labels]).toEqual([99, 7]);
  });

  it("refuses cut-off and empty files and labels that are no class", async () => {
    const read = (bytes: Uint8Array) =>
      readCifar([write("test_batch.bin", bytes)], { labelBytes: 1, classes: 10 });
    const two = Uint8Array.from([...record([1], 0), ...record([10], 0)]);
    expect(await inputErrorOf(read(two))).toMatch(
      /labels 0 to 9 in .*test_batch\.bin .* 10 at byte 3073/,
    );
    expect(await inputErrorOf(read(two.subarray(0, 4000)))).toMatch(
      /records of 3073 bytes .* 4000 bytes \(1 records and 927 bytes more\)/,
    );
    expect(await inputErrorOf(read(new Uint8Array()))).toMatch(/found 0 bytes/);
  });
});

describe("images in memory", () => {
  it("standardises each channel, at any offset, and touches nothing else", () => {
    const images = {
      pixels: Uint8Array.from([0, 255, 51, 102, 153, 204]),
      labels: Uint8Array.from([1, 0]),
      classes: 2,
      inputShape: [1, 1, 3] as const,
    };
    const data = byteImageData(images, { mean: [0.5, 0.25, 0], deviation: [0.5, 0.25, 2] });
    const x = new Float32Array(5).fill(7);
    data.read(0, x, 1);
    expect([...x]).toEqual([7, -1, 3, Math.fround(0.1), 7]);
    data.read(1, x, 0);
    expect(x[0]).toBeCloseTo(-0.2, 6);
    expect(x[1]).toBeCloseTo(1.4, 6);
    expect(x[2]).toBeCloseTo(0.4, 6);
    expect([data.count, data.label(0), data.label(1)]).toEqual([2, 1, 0]);
  });
});
