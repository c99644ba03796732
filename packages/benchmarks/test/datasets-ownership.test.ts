import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readSource } from "../src/datasets/load-source.js";
import { Checked, ownershipOf, type PublishedSet } from "../src/datasets/ownership.js";
import { loadDataset } from "../src/datasets/registry.js";
import type { Source } from "../src/datasets/source.js";
import { gzip, idx, inputErrorOf, workplace } from "./datasets-encode.js";

const { folder, write } = workplace();
const offline = { seed: 1, download: false, cacheDir: join(folder, "no-cache") } as const;

const sum = (algorithm: string, bytes: Uint8Array) =>
  createHash(algorithm).update(bytes).digest("hex");
const blob = (bytes: Uint8Array) =>
  sum("sha1", Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]));

describe("published files", () => {
  const content = Buffer.from("some labels");
  const packed = gzip(content);
  const set = (name: string, bytes: Uint8Array): PublishedSet => ({
    name,
    files: [
      {
        remote: {
          url: "http://127.0.0.1/x.gz",
          checksum: { algorithm: "md5", value: sum("md5", gzip(bytes)) },
        },
        content: { bytes: bytes.length, id: blob(bytes) },
      },
    ],
  });
  const [own] = set("own", content).files;

  it("are told as they are stored, unpacked, and packed anew", async () => {
    const anew = Buffer.from(packed);
    anew[4] = 77; // the time in the header
    for (const bytes of [packed, content, anew])
      expect(await new Checked(write("file", bytes)).isPublished(own)).toBe(true);
    const changed = Buffer.from(content);
    changed[3]! ^= 1;
    for (const bytes of [changed, gzip(changed), content.subarray(1), gzip(`${content}.`)])
      expect(await new Checked(write("file", bytes)).isPublished(own)).toBe(false);
  });

  it("are unknown where no checksum is known for their form", async () => {
    const { content: _, ...archived } = own as NonNullable<typeof own>;
    expect(await new Checked(write("file", packed)).isPublished(archived)).toBe(true);
    expect(await new Checked(write("file", content)).isPublished(archived)).toBe(null);
    expect(await new Checked(write("file", content)).isPublished({})).toBe(null);
    const plain = {
      remote: {
        url: "http://127.0.0.1/x.csv",
        checksum: { algorithm: "sha256", value: sum("sha256", content) },
      },
    } as const;
    expect(await new Checked(write("file", packed)).isPublished(plain)).toBe(true);
    expect(await new Checked(write("file", content)).isPublished(plain)).toBe(true);
    expect(await new Checked(write("file", `${content}.`)).isPublished(plain)).toBe(false);
  });

  it("belong to one data set, to none, or are mixed", async () => {
    const [a, b] = [Buffer.from("a's"), Buffer.from("b's")];
    const sets = [set("a", a), set("b", b)].map(({ name, files }) => ({
      name,
      files: [...files, ...files],
    }));
    const of = (...contents: Uint8Array[]) =>
      ownershipOf(
        contents.map((bytes, at) => [write(`f${at}`, bytes)]),
        sets,
      );
    expect(await of(a, gzip(a))).toEqual({ kind: "whole", name: "a" });
    expect(await of(b, b)).toEqual({ kind: "whole", name: "b" });
    expect(await of(content, content)).toEqual({ kind: "unknown" });
    for (const mixed of [of(a, b), of(a, content)]) expect((await mixed).kind).toBe("mixed");
  });
});

describe("a folder's files", () => {
  const images = idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const four = (place: string, suffix: string, labels: readonly number[]) => {
    const pack = suffix === ".gz" ? gzip : (bytes: Uint8Array) => bytes;
    for (const split of ["train", "t10k"]) {
      write(`${place}/${split}-images-idx3-ubyte${suffix}`, pack(images));
      write(`${place}/${split}-labels-idx1-ubyte${suffix}`, pack(idx([2], labels)));
    }
  };
  const load = (name: string, dataDir: string) =>
    loadDataset(name, { ...offline, dataDir: join(folder, dataDir) });

  it("that are not the published ones are said to be others, by record and line", async () => {
    four("a", "", [0, 9]);
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line);
    const { name, origin } = await loadDataset("mnist", {
      ...offline,
      dataDir: join(folder, "a"),
      onNotice,
    });
    expect([name, origin]).toEqual(["mnist (other files)", { files: "other" }]);
    expect(notices).toEqual([
      `mnist: the files in ${join(folder, "a")}, with 2 and 2 samples, are not the published ones; ` +
        'records call them "mnist (other files)"',
    ]);
  });

  it("must be of one version, packed or not", async () => {
    four("b", "", [0, 9]);
    four("b", ".gz", [0, 9]);
    expect((await load("mnist", "b")).train.count).toBe(2);
    write("b/t10k-labels-idx1-ubyte", idx([2], [9, 0]));
    expect(await inputErrorOf(load("mnist", "b"))).toMatch(
      /one version .*t10k-labels-idx1-ubyte and .*t10k-labels-idx1-ubyte\.gz hold different/,
    );
  });

  it("must not have a number twice, nor the same records", async () => {
    const record = (label: number) =>
      Uint8Array.from({ length: 3073 }, (_, at) => (at + label) & 7);
    write("c/data_batch_1.bin", record(1));
    write("c/data_batch_2.bin", record(2));
    write("c/test_batch.bin", record(3));
    const { name, train, origin } = await load("cifar10", "c");
    expect([name, train.count, origin]).toEqual(["cifar10 (other files)", 2, { files: "other" }]);
    write("c/data_batch_3.bin", record(2));
    expect(await inputErrorOf(load("cifar10", "c"))).toMatch(
      /records of their own .*data_batch_2\.bin and .*data_batch_3\.bin/,
    );
    write("c/data_batch_01.bin", record(4));
    expect(await inputErrorOf(load("cifar10", "c"))).toMatch(
      /each number of data_batch_1\.bin to .* found data_batch_(0)?1\.bin and data_batch_(0)?1\.bin/,
    );
  });
});

describe("files without a known checksum", () => {
  const samples = { count: 3, classes: 2, inputShape: [1], read: () => {}, label: () => 0 };
  const source = (published: number, remote?: Source["files"][number]["remote"]): Source => ({
    name: "set",
    folders: ["set"],
    files: [{ name: "a.bin", pattern: /^a\.bin$/, ...(remote ? { remote } : {}) }],
    samples: [published, 3],
    read: async () => ({ name: "set", train: samples, test: samples }),
  });
  const paths = [[write("unchecked/a.bin", "x")]];

  it("are unchecked where they hold as many samples as published, else others", async () => {
    const remote = {
      url: "http://127.0.0.1/a.bin",
      checksum: { algorithm: "md5", value: sum("md5", Buffer.from("y")) },
    } as const;
    for (const [given, name, files] of [
      [source(3), "set", "unchecked"],
      [source(4), "set (other files)", "other"],
      [source(3, remote), "set (other files)", "other"],
    ] as const) {
      const dataset = await readSource(given, paths, { seed: 1 });
      expect([dataset.name, dataset.origin]).toEqual([name, { files }]);
    }
  });
});

const dataDir = process.env.FERRET_DATA_DIR ?? "";
const there = existsSync(join(dataDir, "mnist")) && dataDir !== "";
const names = ["train-images", "train-labels", "t10k-images", "t10k-labels"].map(
  (name) => `${name}-idx${name.endsWith("s") && name.includes("images") ? 3 : 1}-ubyte`,
);

describe.skipIf(!there)(
  `MNIST's own files${there ? "" : " (skipped: not in FERRET_DATA_DIR)"}`,
  () => {
    const stored = (name: string) => join(dataDir, "mnist", `${name}.gz`);
    const raw = (name: string) => gunzipSync(readFileSync(stored(name)));
    const origin = async (path: string) => {
      const { name, origin } = await loadDataset(path, offline);
      return [name, origin?.files];
    };

    it("are told by what is in them, in whatever folder, packed or not", async () => {
      const place = join(folder, "FashionMNIST/raw");
      mkdirSync(place, { recursive: true });
      for (const name of names) symlinkSync(stored(name), join(place, `${name}.gz`));
      expect(await origin(place)).toEqual(["mnist", "published"]);
      expect(
        await inputErrorOf(loadDataset("fashion-mnist", { ...offline, dataDir: join(folder) })),
      ).toMatch(
        /files of fashion-mnist in .*FashionMNIST\/raw but by their checksums they are mnist's/,
      );
      for (const name of names) write(`MNIST/raw/${name}`, raw(name));
      expect(await origin(join(folder, "MNIST/raw"))).toEqual(["mnist", "published"]);
      const named = await loadDataset("mnist", { ...offline, dataDir: folder });
      expect([named.name, named.origin?.files]).toEqual(["mnist", "published"]);
    });

    it("are refused where one of them is altered or of another data set", async () => {
      for (const name of names) {
        mkdirSync(join(folder, "altered"), { recursive: true });
        copyFileSync(stored(name), join(folder, "altered", `${name}.gz`));
      }
      const labels = raw("t10k-labels-idx1-ubyte");
      labels[100] = (labels[100]! + 1) % 10;
      write("altered/t10k-labels-idx1-ubyte.gz", gzip(labels));
      const message = await inputErrorOf(
        loadDataset("mnist", { ...offline, dataDir: join(folder, "altered") }),
      );
      expect(message).toMatch(
        /t10k-images-idx3-ubyte\.gz is mnist's, t10k-labels-idx1-ubyte\.gz is none/,
      );
      expect(await inputErrorOf(loadDataset(join(folder, "altered"), offline))).toMatch(
        /is none; take all/,
      );
    });
  },
);
