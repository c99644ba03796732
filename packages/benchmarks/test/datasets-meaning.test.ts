import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LabelledData } from "../src/datasets/contract.js";
import { readTable, type TableOptions } from "../src/datasets/csv.js";
import { loadDataset } from "../src/datasets/registry.js";
import { inputErrorOf, workplace } from "./datasets-encode.js";

const { folder, write } = workplace();

const lines = (count: number, line: (row: number) => string) =>
  Array.from({ length: count }, (_, row) => line(row)).join("\n");
const load = (text: string, options: TableOptions = {}) =>
  loadDataset(write("data.csv", text), { seed: 1, ...options });
const labelsOf = (...splits: LabelledData[]) =>
  splits.flatMap((data) => Array.from({ length: data.count }, (_, row) => data.label(row)));

describe("the first line of a table", () => {
  const numbers = lines(20, (row) => `${row}.5,${row * row},3,${-row},${row % 2}`);
  const words = lines(20, (row) => `${row}.5,${row * row},3,${-row},${row % 2 ? "no" : "yes"}`);
  /** What stands above which lines, and whether it names the columns. */
  const told: [string, string, string, boolean][] = [
    ["numbers with a word for the label", "0,1,2,3,target", numbers, true],
    ["words", "a,b,c,d,e", numbers, true],
    ["words, one of them a number", "a,b,2019,2020,kind", numbers, true],
    ["words over labels that are words", "a,b,2019,2020,kind", words, true],
    ["numbers over labels that are words", "0,1,2,3,species", words, true],
    ["an index without a name", ",a,b,c,e", numbers, true],
    ["a name that reads as a missing value", "NA,a,b,c,e", numbers, true],
    ["numbers that count, the label with them", "0,1,2,3,4", numbers, true],
    ["the same from 1", "1,2,3,4,5", numbers, true],
    ["wavelengths", "400.5,402.5,404.5,406.5,kind", numbers, true],
    ["a sample", "1,2,3,4,0", numbers, false],
    ["a sample with a word for its label", "1,2,3,4,no", words, false],
    ["a sample of a class of its own", "1.5,2,3,4,maybe", words, false],
  ];
  it.each(told)("is told: %s", async (_, first, rest, isHeader) => {
    const table = await readTable(write("told.csv", `${first}\n${rest}\n`));
    expect([table.rows, table.names]).toEqual(isHeader ? [20, first.split(",")] : [21, null]);
    expect(table.labelNames).not.toContain(isHeader ? first.split(",").at(-1) : "nothing");
    // Said, it is read as said: as a header whatever it looks like.
    const said = await readTable(write("told.csv", `${first}\n${rest}`), { header: "yes" });
    expect([said.rows, said.values.length]).toEqual([20, 80]);
  });

  it("is a sample where it is said to be one, or an error that names the word", async () => {
    const path = write("said.csv", `0,1,2,3,4\n${numbers}`);
    const table = await readTable(path, { header: "no" });
    expect([table.rows, [...table.values.subarray(0, 4)]]).toEqual([21, [0, 1, 2, 3]]);
    expect(table.labelNames[table.labels[0] as number]).toBe("4");
    const words = readTable(write("said.csv", `a,1,2,3,4\n${numbers}`), { header: "no" });
    expect(await inputErrorOf(words)).toMatch(/line 1, column 1 of .*found "a".*--header yes/);
  });

  it.each([
    ["a word among numbers", "1,x2,3,4,0", /line 1, column 2 .*"x2" beside numbers.*--header yes/],
    ["counting up to a class that there is", "0,1,2,3,4", /either; .*--header yes or --header no/],
  ])("asks where it can be both: %s", async (_, first, message) => {
    const rest = lines(20, (row) => `${row}.5,${row * row},3,${-row},${row % 5}`);
    expect(await inputErrorOf(readTable(write("both.csv", `${first}\n${rest}`)))).toMatch(message);
  });
});

describe("the label of a table", () => {
  it("is the column that is asked for, by name or number", async () => {
    const rows = lines(40, (row) => `${row % 4},${row}.5,0.5,${400 + row}`);
    const named = `kind,a,b,c\n${rows}`;
    for (const [text, label] of [
      [rows, "1"],
      [rows, 1],
      [rows, "#1"],
      [named, "kind"],
      [named, "1"],
    ] as const) {
      const { train, test, classNames, origin } = await load(text, { label });
      expect([classNames, train.inputShape]).toEqual([["0", "1", "2", "3"], [3]]);
      expect(labelsOf(train, test).toSorted()).toEqual(
        Array.from({ length: 40 }, (_, row) => Math.floor(row / 10)),
      );
      expect(origin).toEqual({
        files: "table",
        labelColumn: text === named ? "kind" : "1",
        header: text === named,
        dropped: 0,
      });
    }
  });

  const first = (value: (row: number) => unknown, count = 150) =>
    lines(count, (row) => `${row % 2},${row / 7},0.5,${value(row)}`);
  const refused: [string, string, TableOptions, RegExp][] = [
    [
      "whole numbers behind a class",
      first((row) => 400 + (row % 90), 800),
      {},
      /90 numbers from 400 to/,
    ],
    [
      "sparse numbers behind a class, many of each",
      first((row) => 7 * (row % 30), 900),
      {},
      /30 numbers from 0 to 203 in 900 lines, while the first column has 2;/,
    ],
    ["as many values as rows", lines(60, (row) => `0.5,${row}`), {}, /60 different values in 60/],
    ["names of samples", lines(60, (row) => `0.5,n${row}`), {}, /60 different values in 60 lines/],
    ["fractions", first((row) => row / 2), {}, /the fraction 0\.5; name the column .*--label NAME/],
    ["fractions that are asked for", first((row) => row / 2), { label: 4 }, /the fraction 0\.5;/],
    ["one value", first(() => 0), {}, /2 to 1000 classes in the label column 4 of .* found 1;/],
    ["too many values", lines(9_000, (row) => `0.5,${row}`), {}, /more than 4096 different values/],
    ["long texts", lines(60, () => `0.5,${"long ".repeat(300)}`), {}, /a text of 1499 characters/],
    [
      "a column behind one that is named so",
      `Class,a,b,c\n${first((row) => row % 3)}`,
      {},
      /found column 1 named "Class", and the last named "c"; name the column/,
    ],
    ["no such name", "a,b\n1,0\n2,1", { label: "c" }, /column named "c" .* a, b;/],
    ["two of that name", "a,a,b\n1,0,2", { label: "a" }, /one column named "a" .* several/],
    [
      "a number that is another column's name",
      `4,a,b,kind\n${first((row) => row % 3)}`,
      { label: "4" },
      /--label 4 in .* both column 4 and the one named "4", column 1,.*"#4" or "#1"/,
    ],
    ["a name without names", "1,2\n3,4", { label: "a", header: "no" }, /number for --label .*"a"/],
    ["no exact integers", first((row) => 2 ** 60 * (row % 3)), {}, /beyond exact integers/],
  ];
  it.each(refused)("is no class, and that is said: %s", async (_, text, options, message) => {
    expect(await inputErrorOf(load(text, options))).toMatch(message);
  });

  it.each([
    ["a hundred classes that count", (row: number) => row % 100, 100],
    ["few numbers of any size", (row: number) => [-1, 1, 1000][row % 3], 3],
    ["words", (row: number) => `kind ${row % 30}`, 30],
  ])("may be the last column: %s", async (_, value, classes) => {
    const { train } = await load(lines(1_200, (row) => `${row % 2},${row},${value(row)}`));
    expect(train.classes).toBe(classes);
  });

  it("is one class whatever the form of an integer", async () => {
    const forms = ["1000", "1e3", "1000.0", "+1000", "01000", "1000."];
    const numbers = await load(lines(60, (row) => `${row},${row % 2 ? 5 : forms[(row / 2) % 6]}`));
    expect(numbers.classNames).toEqual(["5", "1000"]);
    // Beside words an exponent is a part of the name: such keys are common.
    const mixed = await load(
      lines(60, (row) => `${row},${["1", "1.0", "01", "12e4", "cat"][row % 5]}`),
    );
    expect(mixed.classNames).toEqual(["1", "12e4", "cat"]);
  });

  it("keeps apart what only another encoding tells apart, by refusing it", async () => {
    const latin = Buffer.from("1,\xe9\n2,\xe8\n3,\xe9\n4,\xe8\n5,\xe9\n6,\xe8", "latin1");
    expect(await inputErrorOf(readTable(write("latin.csv", latin)))).toMatch(
      /UTF-8 in line 1, column 2 of .*latin\.csv/,
    );
  });
});

describe("missing values", () => {
  const markers = [
    "",
    "?",
    "NaN",
    "nan",
    "NA",
    "N/A",
    "n/a",
    "null",
    "NULL",
    "None",
    "inf",
    "-Infinity",
    "#N/A",
    "<NA>",
  ];
  it.each(markers)("%j is one, as a feature and as a label", async (marker) => {
    const rows = Array.from({ length: 20 }, (_, row) => `${row},${row * 2},${row % 2}`);
    for (const [at, column] of [`${marker},1,0`, `1,${marker},0`, `1,1,${marker}`].entries()) {
      // In the last line, in the first one, and in the first one below names.
      const texts = [
        [...rows, column],
        [column, ...rows],
        ["a,b,kind", column, ...rows],
      ];
      for (const [where, text] of texts.entries()) {
        const line = [21, 1, 2][where];
        const path = write("missing.csv", text.join("\n"));
        const error = await inputErrorOf(readTable(path));
        expect(error).toMatch(
          new RegExp(`line ${line}, column ${at + 1}.* a missing value;.*--missing drop`),
        );
        const kept = await readTable(path, { missing: "drop" });
        expect([kept.rows, kept.dropped, kept.labelNames]).toEqual([20, 1, ["0", "1"]]);
        expect([...kept.values]).toEqual(
          rows.flatMap((row) => row.split(",").slice(0, 2).map(Number)),
        );
      }
    }
  });

  it("never become classes: the labels of the issue", async () => {
    const labels = ["0", "1", "?", "NaN", "NA", "null"];
    const text = lines(60, (row) => `${row},${labels[row % 6]}`);
    expect(await inputErrorOf(load(text))).toMatch(/a label in line 3, column 2 of .* found "\?"/);
    const notices: string[] = [];
    const options = {
      seed: 1,
      missing: "drop",
      onNotice: (line: string) => notices.push(line),
    } as const;
    const { classNames, train, test, origin } = await loadDataset(
      write("issue.csv", text),
      options,
    );
    expect([classNames, train.count + test.count, origin?.dropped]).toEqual([["0", "1"], 20, 40]);
    expect(notices).toEqual([
      `${join(folder, "issue.csv")}: 40 of 60 lines are left out since a value is missing in them`,
    ]);
    const none = readTable(write("none.csv", "?,1\n?,0"), { missing: "drop" });
    expect(await inputErrorOf(none)).toMatch(/without missing values .* all 2 have some/);
  });

  it("are no words, and no numbers beyond float32: those stay errors", async () => {
    const words = lines(30, (row) => `${row},${["red", "green", "blue"][row % 3]},${row % 2}`);
    for (const missing of ["drop", "error"] as const) {
      expect(await inputErrorOf(readTable(write("c.csv", `a,b,c\n${words}`), { missing }))).toMatch(
        /line 2, column 2 \("b"\) .*found "red", as in most lines after it; .*0 and 1 for each/,
      );
      expect(await inputErrorOf(readTable(write("c.csv", "1,0\n1e39,1"), { missing }))).toMatch(
        /line 2, column 1 .*"1e39"/,
      );
    }
    expect(await inputErrorOf(readTable(write("c.csv", "a;b\n1,5;0\n2;1")))).toMatch(
      /line 2, column 1 .*"1,5"; write decimals with a point/,
    );
    expect(await inputErrorOf(readTable(write("c.csv", "1,0\n\u001b[31mred,1\n2,0\n3,1")))).toMatch(
      /found "\\u001b\[31mred"/,
    );
  });
});

describe("folders of tables", () => {
  const rows = lines(9, (row) => `${row % 2},${row}`);
  const loadFolder = (name: string, options: TableOptions = {}) =>
    loadDataset(join(folder, name), { seed: 1, ...options });

  it("take the same options, for both splits", async () => {
    write("a/train.csv", `0,1\n?,1\n${rows}`);
    write("a/test.csv", `0,1\n${rows}`);
    const { train, test, origin } = await loadFolder("a", {
      label: "#1",
      header: "yes",
      missing: "drop",
    });
    expect([train.count, test.count, origin?.dropped, origin?.labelColumn]).toEqual([9, 9, 1, "0"]);
  });

  it("refuse columns in another order, a split twice, and one field a line", async () => {
    write("b/train.csv", `kind,size\n${rows}`);
    write("b/test.csv", `size,kind\n${rows}`);
    expect(await inputErrorOf(loadFolder("b", { label: 1 }))).toMatch(
      /column 1 to be named "kind" in .*test\.csv as in .*train\.csv but it is "size"/,
    );
    write("b/train.csv.gz", rows);
    expect(await inputErrorOf(loadFolder("b"))).toMatch(
      /train in .* train\.csv and train\.csv\.gz/,
    );
    expect(await inputErrorOf(load("120\n341\n560"))).toMatch(/comma, semicolon, tab or/);
  });

  it("are the only data sets that take them", async () => {
    for (const options of [{ label: "1" }, { header: "yes" }, { missing: "drop" }] as const)
      for (const name of ["glyphs", "mnist"])
        expect(
          await inputErrorOf(loadDataset(name, { seed: 1, download: false, ...options })),
        ).toMatch(new RegExp(`with --${Object.keys(options)[0]} but received ${name}`));
  });
});
