import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DownloadProgress } from "../src/datasets/download.js";
import { datasetNames, loadDataset } from "../src/datasets/registry.js";
import { fetchSource, findFiles, isDownloaded, type Source } from "../src/datasets/source.js";
import { sources } from "../src/datasets/sources.js";
import { tarEntries } from "../src/datasets/tar.js";
import { gzip, idx, inputError, inputErrorOf, tar, workplace } from "./datasets-encode.js";

const { folder, write } = workplace();
const offline = { seed: 1, download: false, cacheDir: join(folder, "no-cache") } as const;

/** MNIST's four files, with a first pixel that tells data sets apart. */
function writeMnist(place: string, firstPixel: number, suffix = ".gz", dot = "-") {
  for (const [part, count] of [
    ["train", 3],
    ["t10k", 2],
  ] as const) {
    const pack = suffix === ".gz" ? gzip : (bytes: Uint8Array) => bytes;
    const pixels = Array.from({ length: count * 4 }, () => firstPixel);
    write(`${place}/${part}-images${dot}idx3-ubyte${suffix}`, pack(idx([count, 2, 2], pixels)));
    write(
      `${place}/${part}-labels${dot}idx1-ubyte${suffix}`,
      pack(idx([count], Array(count).fill(part.length))),
    );
  }
}

describe("finding data sets", () => {
  it("knows its names, and the nearest one", async () => {
    expect(datasetNames).toEqual([
      "glyphs",
      "mnist",
      "fashion-mnist",
      "cifar10",
      "cifar100",
      "emnist-balanced",
      "emnist-letters",
      "emnist-digits",
      "emnist-byclass",
      "emnist-bymerge",
      "emnist-mnist",
      "svhn",
      "covertype",
      "weather",
      "tiny-imagenet",
      "core50-nc",
      "core50-ni",
      "clear10",
      "clear100",
    ]);
    expect(await inputErrorOf(loadDataset("fashion-minst", offline))).toMatch(
      /Expected one of glyphs, .* received "fashion-minst"; did you mean "fashion-mnist"\?/,
    );
    expect(await inputErrorOf(loadDataset("no/such/file", offline))).toMatch(
      /there is no such file/,
    );
    expect(await inputErrorOf(loadDataset("mnist", { ...offline, dataDir: "no/folder" }))).toMatch(
      /"no\/folder" does not exist/,
    );
  });

  it("takes a folder of folders, other tools' layouts, and the data set's folder itself", async () => {
    writeMnist("a/mnist", 0);
    writeMnist("b/MNIST/raw", 0, "", "-");
    writeMnist("c/digits", 0, "", ".");
    for (const dataDir of ["a", "b", "a/mnist", "c/digits"]) {
      const { name, train, test } = await loadDataset("mnist", {
        ...offline,
        dataDir: join(folder, dataDir),
      });
      expect([name, train.count, test.count, train.inputShape]).toEqual([
        "mnist (other files)",
        3,
        2,
        [2, 2, 1],
      ]);
      expect([train.label(2), test.label(1)]).toEqual([5, 4]);
    }
  });

  it("does not take MNIST for Fashion-MNIST", async () => {
    writeMnist("d/mnist", 10);
    writeMnist("d/fashion-mnist", 20);
    const first = async (name: string, dataDir: string) => {
      const x = new Float32Array(4);
      (await loadDataset(name, { ...offline, dataDir })).train.read(0, x, 0);
      return x[0];
    };
    expect(await first("mnist", join(folder, "d"))).toBeCloseTo((10 / 255 - 0.1307) / 0.3081, 5);
    expect(await first("fashion-mnist", join(folder, "d"))).toBeCloseTo(
      (20 / 255 - 0.286) / 0.353,
      5,
    );
    // By its path, a folder's name is not enough to tell what is in it.
    const path = join(folder, "d/fashion-mnist");
    expect(await inputErrorOf(loadDataset(path, offline))).toMatch(
      /files of mnist or fashion-mnist in .* neither's; .*--dataset mnist --data-dir .*fashion-mnist/,
    );
    const wrong = loadDataset("fashion-mnist", { ...offline, dataDir: join(folder, "d/mnist") });
    expect(await inputErrorOf(wrong)).toMatch(/fashion-mnist in .* downloading is off/);
  });

  it("says which files are missing, where they go and where they come from", async () => {
    for (const source of sources) {
      const message = await inputErrorOf(loadDataset(source.name, { ...offline, dataDir: folder }));
      expect(message).toContain(join(folder, source.folders[0]));
      for (const { name, remote } of source.files) {
        expect(message).toContain(name);
        const url = source.archive?.url ?? remote?.url ?? "none";
        expect(message).toContain(
          source.page ?? (source.files.length > 1 ? url.replace(/\/[^/]*$/, "") : url),
        );
      }
    }
  });

  it("has a well-formed checksum for every download", () => {
    for (const { archive, files } of sources.filter(isDownloaded))
      for (const remote of archive ? [archive] : files.map((file) => file.remote)) {
        const digits = remote?.checksum.algorithm === "md5" ? 32 : 64;
        expect(remote?.checksum.value).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`));
      }
  });

  it("loads a csv file, a folder with one, and a folder with two splits", async () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, row) => `${row % 2 ? "yes" : "no"},${row}\n`).join("");
    write("e/one.csv", `kind,size\n${rows(10)}`);
    write("f/train.csv", rows(4));
    write("f/test.csv.gz", gzip(rows(3)));
    for (const path of ["e/one.csv", "e"]) {
      const { name, train, test, classNames } = await loadDataset(join(folder, path), {
        ...offline,
        label: "kind",
      });
      expect([name, train.count, test.count, classNames]).toEqual(["one.csv", 8, 2, ["no", "yes"]]);
    }
    const { name, train, test } = await loadDataset(join(folder, "f"), { ...offline, label: 1 });
    expect([name, train.count, test.count]).toEqual(["f", 4, 3]);
    write("g/a.csv", rows(9));
    write("g/b.csv", rows(9));
    expect(await inputErrorOf(loadDataset(join(folder, "g"), offline))).toMatch(
      /found a\.csv, b\.csv/,
    );
  });
});

describe("downloads", () => {
  const content = Buffer.from("1,2,3\n".repeat(50_000));
  const archive = gzip(
    tar({
      "bin/readme.htm": Buffer.from("no"),
      "bin/a_1.bin": Buffer.alloc(700, 1),
      "bin/b.bin": Buffer.alloc(5, 2),
    }),
  );
  let server: Server;
  let address = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/a.csv")
        response.setHeader("content-length", content.length).end(content);
      else if (request.url === "/x/set.tar.gz") response.end(archive);
      else if (request.url === "/cut.csv") {
        response.setHeader("content-length", content.length);
        response.write(content.subarray(0, 1000), () => response.destroy());
      } else response.writeHead(404).end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  const sumOf = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
  const source = (file: string, value: string): Source => ({
    name: "set",
    folders: ["set"],
    samples: 1,
    files: [
      {
        name: "a.csv",
        pattern: /^a\.csv$/,
        remote: { url: `${address}/${file}`, checksum: { algorithm: "md5", value } },
      },
    ],
    read: () => {
      throw new Error("not read here");
    },
  });

  it("keep a whole file with the right checksum, and tell how far they are", async () => {
    const place = join(folder, "download");
    const progress: DownloadProgress[] = [];
    await fetchSource(source("a.csv", sumOf(content)), place, (step) => progress.push(step));
    expect(readdirSync(place)).toEqual(["a.csv"]);
    expect(readFileSync(join(place, "a.csv")).equals(content)).toBe(true);
    expect(progress.at(-1)).toEqual({
      url: `${address}/a.csv`,
      receivedBytes: content.length,
      totalBytes: content.length,
    });
    // What is there is not fetched again: this address would fail.
    await fetchSource(source("none", "0"), place);
  });

  it.each([
    [
      "a wrong checksum",
      "a.csv",
      /Expected the md5 0 of .*a\.csv but received a file with [0-9a-f]{32}/,
    ],
    ["a missing page", "none", /but got the answer 404 Not Found/],
    ["a broken connection", "cut.csv", /Expected to download .*cut\.csv to .* but got /],
  ])("leave nothing behind after %s", async (_, file, message) => {
    const place = join(folder, "failed");
    expect(await inputErrorOf(fetchSource(source(file, "0"), place))).toMatch(message);
    expect(readdirSync(place)).toEqual([]);
  });

  it("say what is wrong without a network, or with a file in the folder's place", async () => {
    const closed: Source = {
      ...source("a.csv", "0"),
      archive: { url: "http://127.0.0.1:9/x.tar.gz", checksum: { algorithm: "md5", value: "0" } },
    };
    expect(await inputErrorOf(fetchSource(closed, join(folder, "failed")))).toMatch(/but got \S/);
    const blocked = join(write("file", ""), "set");
    expect(await inputErrorOf(fetchSource(source("a.csv", "0"), blocked))).toMatch(
      /ENOTDIR|EEXIST/,
    );
  });

  it("unpack the files of an archive that belong to the data set, and only them", async () => {
    const place = join(folder, "unpacked");
    const packed: Source = {
      ...source("", ""),
      files: [
        { name: "a_1.bin", pattern: /^a_\d\.bin$/, many: true },
        { name: "b.bin", pattern: /^b\.bin$/ },
      ],
      archive: {
        url: `${address}/x/set.tar.gz`,
        checksum: { algorithm: "md5", value: sumOf(archive) },
      },
    };
    await fetchSource(packed, place);
    expect(findFiles(packed, place)).toEqual([[join(place, "a_1.bin")], [join(place, "b.bin")]]);
    expect(readdirSync(place).sort()).toEqual(["a_1.bin", "b.bin"]);
    expect(readFileSync(join(place, "a_1.bin"))).toEqual(Buffer.alloc(700, 1));
    expect(existsSync(join(place, "readme.htm"))).toBe(false);
  });

  it("refuse a damaged or cut-off archive", () => {
    const bytes = tar({ a: Buffer.alloc(600) });
    expect(inputError(() => tarEntries(bytes.subarray(0, 900), "x.tar"))).toMatch(
      /600 bytes after byte 512 .* ends at byte 900/,
    );
    bytes[3] = 77;
    expect(inputError(() => tarEntries(bytes, "x.tar"))).toMatch(/tar header at byte 0 .*x\.tar/);
  });
});
