import { fork } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparableWith } from "../src/experiments/kept.js";
import { expectPlain, openFolder, openPlaceOf } from "../src/folders.js";
import { Journal } from "../src/journal.js";
import { ResultFolder } from "../src/results.js";
import { inputError, workplace } from "./datasets-encode.js";
import { record } from "./samples.js";

const { folder, write } = workplace();
const text = (value: unknown): string => {
  if (typeof value !== "string") throw new Error("no text");
  return value;
};

describe("a journal", () => {
  it("keeps every entry, whatever was left half written between them", () => {
    let trials = 0;
    // Fragments are cut out of entries, so that none is an entry by itself.
    const step = fc.oneof(
      fc.string({ unit: "binary" }).map((entry) => ({ entry })),
      fc.constantFrom('{"half', "[1,", "\n", '{"a":').map((fragment) => ({ fragment })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const path = join(folder, `journal-${trials++}.ndjson`);
        const journal = new Journal(path, text);
        const entries: string[] = [];
        for (const each of steps)
          if ("fragment" in each) appendFileSync(path, each.fragment);
          else {
            journal.append(each.entry);
            entries.push(each.entry);
          }
        const { values, damaged } = journal.read();
        expect(values).toEqual(entries);
        for (const sentence of damaged) expect(sentence).toMatch(/^line \d+ of .* is damaged \(/);
        expect(damaged.length > 0).toBe(
          steps.some((each) => "fragment" in each && each.fragment !== "\n"),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("lets what cannot be written wait for the next time", () => {
    const path = join(folder, "later", "journal.ndjson");
    const journal = new Journal(path, text);
    expect(inputError(() => journal.append("first"))).toMatch(
      /later\/journal\.ndjson but got ENOENT/,
    );
    expect(inputError(() => journal.append("second"))).toMatch(/ENOENT/);
    expect(journal.waiting).toBe(2);
    mkdirSync(join(folder, "later"));
    journal.retry();
    expect([journal.waiting, journal.read().values]).toEqual([0, ["first", "second"]]);
  });

  it("holds the entries of several programs that append at once", async () => {
    const path = join(folder, "shared.ndjson");
    const writer = write(
      "writer.mjs",
      `import { openSync, writeSync } from "node:fs";
       const [path, name] = process.argv.slice(2);
       for (let k = 0; k < 200; k++)
         writeSync(openSync(path, "a"), JSON.stringify(name + k + "x".repeat(5000)) + "\\n");`,
    );
    const ends = ["a", "b"].map(
      (name) =>
        new Promise((resolve) => fork(writer, [path, name], { execArgv: [] }).on("exit", resolve)),
    );
    const journal = new Journal(path, text);
    for (let k = 0; k < 200; k++) journal.append(`c${k}${"x".repeat(5000)}`);
    await Promise.all(ends);
    const { values, damaged } = journal.read();
    expect(damaged).toEqual([]);
    expect(new Set(values.map((value) => value.replace(/x+$/, ""))).size).toBe(600);
  });
});

describe("a folder of results", () => {
  it("keeps the records of earlier runs, and shows all of them on its page", () => {
    const path = join(folder, "kept");
    new ResultFolder(path).add(record());
    const again = new ResultFolder(path);
    again.add(record({ seed: 1 }));
    again.writePage((records) => records.map(({ seed }) => seed).join());
    expect(readFileSync(again.page, "utf8")).toBe("0,1");
    expect(readdirSync(path).sort()).toEqual(["report.html", "results.ndjson"]);
  });

  it("renders its page again where another program adds a record meanwhile", () => {
    const path = join(folder, "busy");
    const [one, other] = [new ResultFolder(path), new ResultFolder(path)];
    one.add(record());
    let calls = 0;
    one.writePage((records) => {
      if (calls++ === 0) other.add(record({ seed: 5 }));
      return records.map(({ seed }) => seed).join();
    });
    expect([readFileSync(one.page, "utf8"), calls]).toEqual(["0,5", 2]);
  });

  it.each([
    [
      "below a file",
      "a-file/out",
      /for --out but .*a-file\/out cannot be made \(.*a-file is a file\)/,
    ],
    ["that is a file", "a-file", /for --out but .*a-file cannot be made/],
    ["where nothing can be made", "/proc/none", /\/proc\/none cannot be (made|written)/],
  ])("is refused %s", (_, path, message) => {
    write("a-file", "");
    const full = path.startsWith("/") ? path : join(folder, path);
    expect(inputError(() => openFolder(full))).toMatch(message);
  });

  it("refuses names that no file can take, before anything runs", () => {
    mkdirSync(join(folder, "place/results.ndjson"), { recursive: true });
    expect(inputError(() => new ResultFolder(join(folder, "place")))).toMatch(
      /the name of a file for --out but received ".*results\.ndjson", which is a folder; choose/,
    );
    symlinkSync("/dev/full", join(folder, "device"));
    for (const [name, what] of [
      ["device", "a device or a pipe"],
      ["place", "a folder"],
      ["new/", "a folder's name"],
    ])
      expect(inputError(() => expectPlain(`${folder}/${name}`, "--trace"))).toMatch(
        `for --trace but received "${folder}/${name}", which is ${what};`,
      );
    openPlaceOf(join(folder, "deep/er/trace.json"), "--trace");
    expect(readdirSync(join(folder, "deep/er"))).toEqual([]);
  });
});

describe("an experiment's page", () => {
  it("shows the runs of its setting, of one that was made twice the last", () => {
    const run = (change: object) => record({ experiment: "pressure", ...change });
    const newest = run({ seed: 1, oacc: 70 });
    const all = [
      run({ oacc: 60 }),
      record({ oacc: 10 }),
      run({ oacc: 20, learningRate: 0.5 }),
      run({ oacc: 30, experiment: "forgetting" }),
      run({ oacc: 61 }),
      newest,
    ];
    expect(comparableWith(newest, all).map(({ oacc }) => oacc)).toEqual([61, 70]);
  });
});
