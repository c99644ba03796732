import { execFileSync } from "node:child_process";
import { rmSync, truncateSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSocket } from "node:net";
import { join } from "node:path";
import { loadAlgorithm } from "@ferret-ocl/pipeline/engine";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCifar } from "../src/datasets/cifar.js";
import { readTable } from "../src/datasets/csv.js";
import { DelimitedText } from "../src/datasets/delimited.js";
import { download } from "../src/datasets/download.js";
import { readIdx } from "../src/datasets/idx.js";
import { loadDataset } from "../src/datasets/registry.js";
import { TableRows } from "../src/datasets/table-rows.js";
import { tarEntries } from "../src/datasets/tar.js";
import { readParsed, readText } from "../src/files.js";
import { expectRegularFile, parseJson } from "../src/input-file.js";
import { parseRecords } from "../src/record.js";
import { gzip, idx, inputError, inputErrorOf, tar, workplace } from "./datasets-encode.js";

const { folder, write } = workplace();

describe("what is no regular file", () => {
  const pipe = join(folder, "pipe.csv");
  const socket = join(folder, "socket.csv");
  const server = createSocket();
  beforeAll(async () => {
    execFileSync("mkfifo", [pipe, join(folder, "module.mjs")]);
    write("split/test.csv", "1,0\n");
    execFileSync("mkfifo", [join(folder, "split/train.csv")]);
    await new Promise<void>((ready) => server.listen(socket, ready));
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  it("is refused by every reader, and not waited for", async () => {
    const kinds = [
      [pipe, "a pipe"],
      [socket, "a socket"],
      ["/dev/zero", "a character device"],
      ["/dev/null", "a character device"],
    ] as const;
    for (const [path, kind] of kinds) {
      const message = new RegExp(`in a regular file but ${path} is ${kind}, which may never end`);
      const layout = { labelBytes: 1, classes: 10 } as const;
      for (const read of [
        readTable(path),
        readIdx(path, path, 10),
        readCifar([path], layout),
        loadDataset(path, { seed: 1 }),
      ])
        expect(await inputErrorOf(read)).toMatch(message);
      for (const read of [
        () => readText(path, "records"),
        () => readParsed(path, "a profile", (value) => value),
        () => expectRegularFile(path, "weights"),
      ])
        expect(inputError(read)).toMatch(message);
    }
    expect(await inputErrorOf(loadDataset(join(folder, "split"), { seed: 1 }))).toMatch(
      /is a pipe/,
    );
    expect(await inputErrorOf(loadAlgorithm(`${join(folder, "module.mjs")}#create`))).toMatch(
      /a module in a regular file but .* is a pipe/,
    );
  });

  it("is told from a folder and from nothing", () => {
    expect(inputError(() => readText(folder, "records"))).toMatch(/is a folder \(EISDIR\)/);
    expect(inputError(() => readText(`${folder}/none`, "records"))).toMatch(/\(ENOENT\)/);
  });
});

describe("files without measure", () => {
  const mebibytes = (count: number) => new Uint8Array(count * 2 ** 20);

  it("beyond 2 GiB are read piece by piece", async () => {
    const path = write("large.csv", "1,0\n2,1\n".repeat(1_000));
    truncateSync(path, 3 * 2 ** 30); // a hole, which takes no disk
    expect(await inputErrorOf(readTable(path))).toMatch(
      /at most 4 MiB .* one after line 2000 is longer/,
    );
    rmSync(path);
  });

  it("that unpack to much more than they say stop there", async () => {
    const bomb = gzip(mebibytes(16));
    expect(bomb.length).toBeLessThan(20_000);
    expect(await inputErrorOf(readTable(write("zero.csv.gz", bomb)))).toMatch(/byte 0 is 0/);
    const spaces = gzip(mebibytes(16).fill(32));
    expect(await inputErrorOf(readTable(write("long.csv.gz", spaces)))).toMatch(/at most 4 MiB/);
    const lines = gzip(mebibytes(16).fill(10));
    expect(await inputErrorOf(readTable(write("blank.csv.gz", lines)))).toMatch(/at most 4 MiB/);
    const images = Buffer.concat([idx([2, 2, 2], []), mebibytes(16)]);
    const labels = write("labels", idx([2], [0, 1]));
    expect(await inputErrorOf(readIdx(write("images", gzip(images)), labels, 10))).toMatch(
      /at most 25 bytes in .*images but it holds more/,
    );
  });

  it("whose header asks for more than they can hold are refused before anything is taken", async () => {
    const header = idx([0xffffffff, 0xffff, 0xffff], [1, 2, 3]);
    const labels = write("labels", idx([2], [0, 1]));
    for (const bytes of [header, gzip(header)])
      expect(await inputErrorOf(readIdx(write("images", bytes), labels, 10))).toMatch(
        /\(a header of 16 and 4294967295 x 65535 x 65535 values\) but found/,
      );
  });

  it("are refused for too long a line, too many fields, too large a text", async () => {
    const line = write("line.csv", `1,0\n${"1".repeat(6 * 2 ** 20)},0\n`);
    expect(await inputErrorOf(readTable(line))).toMatch(/one after line 1 is longer/);
    const fields = write("fields.csv", `${"1,".repeat(100_000)}0\n`);
    expect(await inputErrorOf(readTable(fields))).toMatch(
      /at most 100000 fields .* line 1 has more/,
    );
    const text = write("text.json", "{}");
    truncateSync(text, 300 * 2 ** 20);
    expect(inputError(() => readText(text, "records"))).toMatch(/at most 256 MiB .* 300 MiB/);
    rmSync(text);
  });

  it("of more samples than memory holds are refused when that is full", () => {
    const rows = new TableRows("big.csv", 10, 100 * 60);
    const take = () => {
      const { values, at } = rows.next();
      values[at] = 1;
      rows.takeNumbered(1, 1);
    };
    const refused = inputError(() => {
      for (let row = 0; row < 1_000; row++) take();
    });
    expect(refused).toMatch(/at most 100 samples of 10 features in big\.csv/);
    expect(rows.count).toBe(99);
  });

  it("of nested JSON are no JSON, before the parser takes memory for them", () => {
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(deep(1_000))).toBeInstanceOf(Array);
    expect(() => parseJson(deep(1_001))).toThrow(/nested more than 1000 deep/);
    expect(() => parseJson('{"a":'.repeat(5e6))).toThrow(/nested more than 1000 deep/);
    expect(inputError(() => readParsed(write("deep.json", deep(1e6)), "a model", () => 0))).toMatch(
      /a model as JSON in .*deep\.json but it does not parse: it is nested/,
    );
    expect(inputError(() => parseRecords(deep(1e6), "results.ndjson"))).toMatch(
      /line 1 of results/,
    );
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    expect(parseJson('["\\"[[", "]", "\\\\"]')).toEqual(['"[[', "]", "\\"]);
  });

  it("of an archive do not lead back to where it was read before", () => {
    const bytes = tar({ a: Buffer.alloc(600), b: Buffer.alloc(1) });
    bytes.write("-0000001000\0", 124);
    bytes.write("        ", 148);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    expect(inputError(() => tarEntries(bytes, "x.tar"))).toMatch(/tar header at byte 0/);
  });

  it("are not downloaded beyond a limit, whether the server says their size or not", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/said") response.setHeader("content-length", 5_000);
      response.end(Buffer.alloc(5_000));
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    for (const name of ["said", "unsaid"]) {
      const got = download(
        `http://127.0.0.1:${port}/${name}`,
        join(folder, name),
        { algorithm: "md5", value: "0" },
        () => {},
        4_000,
      );
      expect(await inputErrorOf(got)).toMatch(/too long; check network/);
    }
    await new Promise((closed) => server.close(closed));
  });
});

describe("delimited text in pieces", () => {
  it("reads the same lines however it is cut", () => {
    const lines = fc.array(
      fc.array(fc.stringMatching(/^[a-z0-9 .äπ]{0,6}$/), { minLength: 1, maxLength: 4 }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        lines,
        cuts,
        fc.boolean(),
        fc.constantFrom("\n", "\r\n"),
        (rows, cuts, mark, end) => {
          const bytes = Buffer.from(
            (mark ? "\ufeff" : "") + rows.map((row) => row.join(",")).join(end),
          );
          const text = new DelimitedText("any");
          const read: string[][] = [];
          const readAll = () => {
            while (text.next())
              read.push(Array.from({ length: text.fieldCount }, (_, field) => text.text(field)));
          };
          for (let at = 0, cut = 0; at < bytes.length; cut++) {
            const next = at + cuts[cut % cuts.length]!;
            text.feed(bytes.subarray(at, next));
            readAll();
            at = next;
          }
          text.finish();
          readAll();
          const filled = rows.map((row) => row.join(",").trim()).filter((line) => line !== "");
          // Without a comma in the first line, its spaces are what separates.
          const isBySpace = /^[^,]+ [^,]+$/.test(filled[0] ?? "");
          const split = (line: string) =>
            isBySpace ? line.split(/ +/) : line.split(",").map((field) => field.trim());
          expect(read).toEqual(filled.map(split));
        },
      ),
    );
  });

  it("reads numbers as JavaScript does, to the last bit", () => {
    const digits = fc.stringMatching(/^-?\d{0,12}\.?\d{0,12}$/);
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), digits),
        (field) => {
          const text = new DelimitedText("any");
          text.feed(Buffer.from(`x,${field}\n`));
          text.finish();
          text.next();
          const plain = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(field);
          expect(text.number(1)).toBe(plain ? Number(field) : Number.NaN);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
