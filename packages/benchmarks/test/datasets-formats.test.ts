import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readArff } from "../src/datasets/arff.js";
import type { Dataset } from "../src/datasets/contract.js";
import { readTable } from "../src/datasets/csv.js";
import { loadDataset } from "../src/datasets/registry.js";
import { gzip, inputErrorOf } from "./datasets-encode.js";
import { expectedOf, sampleplace, samples } from "./sample-files.js";

const { write, options } = sampleplace();
const tables = join(samples, "tables");

/** The samples as the file has them, those for training and those held out at the end. */
function rawRows({ train, test }: Dataset): number[][] {
  return [train, test].flatMap((data) =>
    Array.from({ length: data.count }, (_, index) => {
      const x = new Float32Array(data.inputShape[0] as number);
      data.readRaw!(index, x, 0);
      return [...x];
    }),
  );
}

function classesOf({ train, test, classNames }: Dataset): string[] {
  return [train, test].flatMap((data) =>
    Array.from({ length: data.count }, (_, index) => classNames![data.label(index)]!),
  );
}

const rounded = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map(Math.fround));

describe("libsvm", () => {
  it("reads what scikit-learn wrote, as it reads it", async () => {
    const { values, labels } = expectedOf<{ values: number[][]; labels: number[] }>("libsvm");
    const dataset = await loadDataset(join(tables, "sparse.libsvm"), { ...options, fromEnd: true });
    expect(rawRows(dataset)).toEqual(rounded(values));
    expect(classesOf(dataset)).toEqual(labels.map(String));
  });

  it("gives both splits the columns of both, and refuses other lines", async () => {
    const lines = ["1 1:2 4:1 # a comment", "", "0 2:-1e3", "1 0:5 1:.5", "0 1:1", "1 3:1"];
    write("two/train.libsvm", lines.join("\n"));
    write("two/test.svm.gz", gzip("0 6:1\n1 1:1\n"));
    const dataset = await loadDataset(join(write("two/none", ""), ".."), options);
    expect(rawRows(dataset)).toEqual([
      [0, 2, 0, 0, 1, 0, 0],
      [0, 0, -1000, 0, 0, 0, 0],
      [5, 0.5, 0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 0, 0],
      [0, 0, 0, 1, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 1],
      [0, 1, 0, 0, 0, 0, 0],
    ]);
    const message = async (text: string, more = {}) =>
      inputErrorOf(loadDataset(write("l.txt", `1 1:1\n${text}\n`), { ...options, ...more }));
    expect(await message("0 2:1 1:1")).toMatch(/indices that rise in line 2 of .*found "1:1"/);
    expect(await message("0 1:x")).toMatch(/index:value in line 2 .* found "1:x"/);
    expect(await message("0 qid:3 1:1")).toMatch(/found "qid:3"/);
    expect(await message("cat 1:1")).toMatch(/a label that is a number in line 2/);
    // What an index claims is told before memory is taken for it.
    expect(await message("0 9999999:1\n".repeat(20_000))).toMatch(/half of the main memory/);
    expect(await message("0 99999999:1")).toMatch(/indices that rise/);
    expect(await message("0 1:2", { header: "yes" })).toMatch(/--header but received .* libsvm/);
  });
});

describe("ARFF", () => {
  it("reads numbers and listed values as SciPy does", async () => {
    const expected = expectedOf<{
      names: string[];
      rows: [number, string, number, string][];
      skies: string[];
      kinds: string[];
    }>("arff");
    const path = join(tables, "weather.arff");
    const dataset = await loadDataset(path, { ...options, fromEnd: true });
    expect(rawRows(dataset)).toEqual(
      expected.rows.map(([warmth, sky, wind]) => [
        warmth,
        ...expected.skies.map((each) => +(each === sky)),
        wind,
      ]),
    );
    expect(classesOf(dataset)).toEqual(expected.rows.map(([, , , kind]) => kind));
    const skies = expected.skies.map((sky) => `sky colour=${sky}`);
    expect(dataset.featureNames).toEqual(["warmth", ...skies, "wind"]);
    expect(dataset.origin).toMatchObject({ files: "table", labelColumn: "kind", header: true });
    // Another attribute for the class.
    const sky = await readArff(path, { label: "sky colour" });
    expect([sky.columns, sky.labelNames]).toEqual([5, ["blue", "dark grey", "white"]]);
    expect(await inputErrorOf(readArff(path, { label: "kinds" }))).toMatch(/did you mean "kind"\?/);
  });

  it("refuses what it cannot take, and leaves lines with missing values out", async () => {
    const head = "@relation r\n@attribute a real\n@attribute b {x,'y z'}\n";
    const read = (body: string, more = {}) => readArff(write("a.arff", `${head}${body}`), more);
    const message = (body: string) => inputErrorOf(read(body));
    expect(await message("@data\n1,x\n{0 1}\n")).toMatch(/line 6 of .* sparse sample/);
    expect(await message("@data\n1,w\n")).toMatch(
      /one of its values for the attribute "b" in line 5/,
    );
    expect(await message("@data\n1\n")).toMatch(/2 values in line 5 .* found 1/);
    expect(await message("@data\none,x\n")).toMatch(/a finite number for the attribute "a"/);
    expect(await message("@data\n1,'x\n")).toMatch(/quotation mark that is not closed/);
    expect(await message("@attribute c string\n@data\n")).toMatch(/numeric or a list .* line 4/);
    expect(await message("1,x\n")).toMatch(/@attribute or @data in line 4/);
    expect(await message("")).toMatch(/@data in .* ends before/);
    expect(await message("@data\n?,x\n")).toMatch(/line 5, column 1 \("a"\) .* missing value/);
    const { rows, dropped } = await read("@data\n?,x\n2,'y z'\n", { missing: "drop" });
    expect([rows, dropped]).toEqual([1, 1]);
  });
});

describe("a table between spaces", () => {
  it("reads what NumPy wrote, as it reads it", async () => {
    const { values } = expectedOf<{ values: number[][] }>("spaces");
    const dataset = await loadDataset(join(tables, "spaces.txt"), { ...options, fromEnd: true });
    expect(rawRows(dataset)).toEqual(rounded(values.map((row) => row.slice(0, -1))));
    expect(classesOf(dataset)).toEqual(values.map((row) => String(row.at(-1))));
  });

  it("takes any number of spaces, and words in quotation marks", async () => {
    const gap = fc.integer({ min: 1, max: 4 }).map((length) => " ".repeat(length));
    const row = fc.tuple(fc.integer(), fc.constantFrom("a", '"b c"', "d"), gap, gap, gap);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 9 }), async (rows) => {
        const lines = rows.map(([x, label, a, b, c]) => `${a}${x}${b}${-x}${c}${label}${a}`);
        const table = await readTable(write("s.txt", lines.join("\n")), { header: "no" });
        const expected = rows.flatMap(([x]) => [Math.fround(x), Math.fround(-x)]);
        expect([...table.values].map((value) => value + 0)).toEqual(
          expected.map((value) => value + 0),
        );
        const words = rows.map(([, label]) => label.replaceAll('"', ""));
        expect([...table.labels].map((label) => table.labelNames[label])).toEqual(words);
      }),
      { numRuns: 30 },
    );
    expect(await inputErrorOf(readTable(write("s.txt", '1 2 a\n3 4 "b\n')))).toMatch(
      /line 2, column 3 .* quotation mark is not closed/,
    );
  });
});

describe("words among features", () => {
  const csv = "size,colour,kind\n1,red,a\n2,blue,b\n3,red,a\n4,green,b\n5,red,a\n6,blue,b\n";

  it("become a column each where that is asked for, the same in both splits", async () => {
    write("words/train.csv", csv);
    const folder = join(write("words/test.csv", "size,colour,kind\n7,7,b\n8,red,a\n"), "..");
    const dataset = await loadDataset(folder, { ...options, words: "one-hot" });
    const colours = ["7", "blue", "green", "red"];
    expect(dataset.featureNames).toEqual(["size", ...colours.map((colour) => `colour=${colour}`)]);
    const row = (size: number, colour: string) => [
      size,
      ...colours.map((each) => +(each === colour)),
    ];
    expect(rawRows(dataset)).toEqual([
      row(1, "red"),
      row(2, "blue"),
      row(3, "red"),
      row(4, "green"),
      row(5, "red"),
      row(6, "blue"),
      row(7, "7"),
      row(8, "red"),
    ]);
    expect(await inputErrorOf(loadDataset(folder, options))).toMatch(
      /found "red", as in most lines after it; .* --words one-hot/,
    );
  });

  it("tell a header from a first sample, whose word may be its own", async () => {
    const body = csv.slice(csv.indexOf("\n") + 1);
    const all = { ...options, words: "one-hot", fromEnd: true } as const;
    const plain = await loadDataset(write("plain.csv", body), all);
    expect(rawRows(plain)[0]).toEqual([1, 0, 0, 1]);
    const own = await loadDataset(write("own.csv", `9,pink,a\n${body}`), { ...all, header: "no" });
    expect(rawRows(own)[0]).toEqual([9, 0, 0, 1, 0]);
    const missing = write("missing.csv", `${csv}7,?,b\n`);
    expect(await inputErrorOf(loadDataset(missing, all))).toMatch(
      /line 8, column 2 .* missing value/,
    );
    const dropped = await loadDataset(missing, { ...all, missing: "drop" });
    expect(dropped.origin?.dropped).toBe(1);
    const lines = Array.from({ length: 1_200 }, (_, at) => `${at},w${at},${at % 2}`);
    expect(await inputErrorOf(loadDataset(write("many.csv", lines.join("\n")), all))).toMatch(
      /at most 1000 different words in column 2/,
    );
  });

  it("leave tables of numbers as they are", async () => {
    const path = join(tables, "spaces.txt");
    const plain = await loadDataset(path, options);
    const asked = await loadDataset(path, { ...options, words: "one-hot" });
    expect(rawRows(asked)).toEqual(rawRows(plain));
  });
});
