import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MatFile } from "../src/datasets/mat.js";
import { loadDataset } from "../src/datasets/registry.js";
import { readSvhn } from "../src/datasets/svhn.js";
import { inputErrorOf } from "./datasets-encode.js";
import { bytesOf, expectedOf, labelsOf, sampleplace, samples } from "./sample-files.js";

const { write, copy, options, cacheDir } = sampleplace();

describe("MATLAB files", () => {
  interface Array {
    readonly dimensions: number[];
    readonly values: number[];
  }

  it.each(["packed", "plain"])("reads numbers of every kind as SciPy does, %s", async (name) => {
    const mat = await MatFile.open(join(samples, "mat", `${name}.mat`));
    const expected = expectedOf<Record<string, Array>>(`mat/${name}`);
    for (const [key, { dimensions, values }] of Object.entries(expected)) {
      expect(mat.array(key).dimensions).toEqual(dimensions);
      expect([...(await mat.numbersOf(key))]).toEqual(values);
    }
    for (const key of ["text", "complex", "cells"])
      expect(() => mat.array(key)).toThrow(/numeric array/);
    mat.close();
  });

  it("reads the other byte order", async () => {
    // A plain file with every word turned round: the header's, each tag's, sizes and values.
    const words = (...values: number[]) =>
      Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer).swap32()));
    const header = Buffer.concat([Buffer.alloc(126, " "), Buffer.from("MI")]);
    const body = Buffer.concat([
      words(6, 8, 13, 0, 5, 8, 1, 2),
      Buffer.from([0, 1, 0, 1, 0x41, 0, 0, 0]),
      words(6, 8, 70_000, 3),
    ]);
    const path = write("big.mat", Buffer.concat([header, words(14, body.length), body]));
    const mat = await MatFile.open(path);
    expect([...(await mat.numbersOf("A"))]).toEqual([70_000, 3]);
    mat.close();
  });

  it.each(["mat/packed.mat", "mat/plain.mat"])("never reads damage as data: %s", async (name) => {
    const whole = readFileSync(join(samples, name));
    const read = async (path: string) => {
      const mat = await MatFile.open(path);
      try {
        for (const key of ["u1", "f8"]) await mat.numbersOf(key);
      } finally {
        mat.close();
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, cut) => {
          const bytes = cut ? whole.subarray(0, at) : Uint8Array.from(whole);
          if (!cut) bytes[at]! ^= change;
          const outcome = await read(write("damaged.mat", bytes)).catch((error: unknown) => error);
          // Changed values cannot be told where nothing is packed; all else is one sentence.
          if (outcome !== undefined)
            expect(outcome).toMatchObject({
              code: "FERRET_INPUT",
              message: expect.stringContaining("damaged.mat"),
            });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("SVHN", () => {
  it("sets images upright and turns 10 into the digit 0, as SciPy reads them", async () => {
    const { train, test, name } = await loadDataset("svhn", {
      ...options,
      dataDir: copy("svhn", "a/svhn"),
    });
    expect(name).toBe("svhn (other files)");
    for (const [split, data] of [
      ["train", train],
      ["test", test],
    ] as const) {
      const { labels, rows } = expectedOf<{ labels: number[]; rows: Record<string, number[][][]> }>(
        `svhn/${split}`,
      );
      expect(labelsOf(data)).toEqual(labels);
      expect(data.inputShape).toEqual([32, 32, 3]);
      for (const [row, values] of Object.entries(rows))
        expect(labels.map((_, image) => bytesOf(data, image)[Number(row)])).toEqual(values);
    }
  });

  it("refuses other arrays, labels that are none, and files of MATLAB 7.3", async () => {
    expect(await inputErrorOf(readSvhn(join(samples, "mat/plain.mat"), cacheDir))).toMatch(
      /numeric array "X" in .*plain\.mat but it holds "u1"/,
    );
    const whole = readFileSync(join(samples, "svhn/test_32x32.mat"));
    const at = whole.lastIndexOf(Buffer.from(Float64Array.of(10).buffer));
    const wrong = Buffer.from(whole);
    wrong.writeDoubleLE(11, at);
    expect(await inputErrorOf(readSvhn(write("w.mat", wrong), cacheDir))).toMatch(
      /labels 1 to 10 in the array "y" of .*w\.mat but found 11 at place 3/,
    );
    const hdf = Buffer.concat([Buffer.from("MATLAB 7.3 MAT-file".padEnd(128)), whole]);
    expect(await inputErrorOf(readSvhn(write("h.mat", hdf), cacheDir))).toMatch(/7\.3 \(HDF5\)/);
  });
});
