import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelledData } from "../src/datasets/contract.js";
import { readCovertype } from "../src/datasets/covertype.js";
import { type LabelColumn, readTable, type Table } from "../src/datasets/csv.js";
import { sortedClasses } from "../src/datasets/table-classes.js";
import { tableDataset } from "../src/datasets/table-data.js";
import { readWeather } from "../src/datasets/weather.js";
import { gzip, inputError, inputErrorOf, workplace } from "./datasets-encode.js";

const { write } = workplace();

function rowsOf(data: LabelledData): number[][] {
  const length = data.inputShape[0] as number;
  return Array.from({ length: data.count }, (_, index) => {
    const x = new Float32Array(length);
    data.read(index, x, 0);
    return [...x];
  });
}

describe("csv", () => {
  const anyTable = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc.record({
      rows: fc.array(
        fc.record({
          features: fc.array(
            fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e30, max: 1e30 })),
            { minLength: columns, maxLength: columns },
          ),
          label: fc.constantFrom("cat", "dog", "3", "1e", "a b"),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      delimiter: fc.constantFrom(",", ";", "\t"),
      newline: fc.constantFrom("\n", "\r\n"),
      header: fc.boolean(),
      ended: fc.boolean(),
      compressed: fc.boolean(),
      mark: fc.boolean(),
      labelAt: fc.integer({ min: 0, max: columns }),
      quoted: fc.boolean(),
      told: fc.boolean(),
    }),
  );

  it("gives back what was written, whatever the delimiter, header, line ends and label column", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        const { delimiter, labelAt } = table;
        // A label that is no other line's may be a column's name: told, or not so.
        const rows = table.told ? table.rows : [...table.rows, table.rows[0]!];
        const header = table.told ? (table.header ? "yes" : "no") : "auto";
        const columns = rows[0]!.features.length;
        const quote = (field: string) => (table.quoted ? `"${field}"` : field);
        const lines = rows.map(({ features, label }) =>
          features.map(String).toSpliced(labelAt, 0, quote(label)),
        );
        if (table.header)
          lines.unshift(Array.from({ length: columns + 1 }, (_, at) => quote(`f${at}`)));
        const text =
          (table.mark ? "\ufeff" : "") +
          lines.map((line) => line.join(delimiter)).join(table.newline) +
          (table.ended ? table.newline : "");
        const path = write("table.csv", table.compressed ? gzip(text) : text);
        const labels: LabelColumn[] = [labelAt + 1];
        if (table.header) labels.push(`f${labelAt}`);
        if (labelAt === columns) labels.push("last");
        for (const label of labels) {
          const read = await readTable(path, { label, header });
          expect(read.rows).toBe(rows.length);
          // Both zeros are one number here.
          expect([...read.values].map((value) => value + 0)).toEqual(
            rows.flatMap(({ features }) => features.map((value) => Math.fround(value) + 0)),
          );
          expect([...read.labels].map((at) => read.labelNames[at])).toEqual(
            rows.map(({ label }) => label),
          );
        }
      }),
    );
  });

  const cases: [string, string, LabelColumn, RegExp][] = [
    [
      "a line too short",
      "1,2,0\n1,2,1\n1,0\n",
      "last",
      /3 fields in line 3 of .*bad\.csv .* found 2;/,
    ],
    ["a line too long", "1,2,0\n\n1,2,3,1\n", "last", /3 fields in line 3 of .* found 4/],
    [
      "a word",
      "1,2,0\n1,x2,1\n",
      "last",
      /finite number in line 2, column 2 of .*bad\.csv .* "x2"/,
    ],
    ["a word in the first line", "1,x2,0\n1,2,1\n", "last", /line 1, column 2 .* "x2"/],
    ["NaN", "a,b\n1,0\nNaN,1\n", "last", /finite number in line 3, column 1 .* "NaN"/],
    ["NaN in the first line", "nan,0\n1,1\n", "last", /line 1, column 1 .* "nan"/],
    ["an infinity", "1,0\n-inf,1\n", "last", /line 2, column 1 .* "-inf"/],
    ["a number beyond float32", "1,0\n1e39,1\n", "last", /line 2, column 1 .* "1e39"/],
    ["a missing value", "1,2,0\n1,,1\n", "last", /line 2, column 2 .* nothing, a missing value/],
    ["hexadecimal", "1,0\n0x10,1\n", "last", /line 2, column 1 .* "0x10"/],
    ["a missing label", "1,0\n1,\n", "last", /label in line 2, column 2/],
    ["an empty file", "\n\n", "last", /lines of numbers in .* it is empty/],
    [
      "years, names or a sample",
      "2019,2020,2021,2022\n1,2,3,0\n2,1,3,1\n",
      "last",
      /can be either/,
    ],
    ["equal steps", "0.5,1,1.5,2.0\n1,2,3,0\n2,1,3,1\n", "last", /can be either; say which/],
    ["a data frame's row numbers", ",0,1,2,3\n0,5,6,7,0\n1,6,5,7,1\n", "last", /can be either/],
    ["a lone header", "a,b\n", "last", /below the header of .* found none/],
    [
      "an unknown label name",
      "size,kind\n1,2\n",
      "kond",
      /column named "kond" .* size, kind; did you mean "kind"\?/,
    ],
    ["a label number too large", "1,2\n", 3, /label column from 1 to 2 .* received 3/],
    [
      "a quotation mark that is not closed in the label",
      '1,2,3,ash\n1,2,3,"ash\n',
      "last",
      /in pairs in line 2, column 4 of .*bad\.csv but a quotation mark is not closed;/,
    ],
    ["one in the first line", '1,"2,ash\n1,2,oak\n', "last", /line 1, column 2 .* not closed/],
    ["one that swallows fields", '1,2,ash\n1,"2,oak\n', "last", /line 2, column 2 .* not closed/],
    ["carriage returns alone", "1,2,0\r1,2,1\r", "last", /found carriage returns alone/],
    ["a comment", "# made today\n1,2,0\n", "last", /line 1 of .* begins with "#", as comments do/],
    ["a later comment", "1,2,0\n# b\n1,2,1\n", "last", /line 2 of .* begins with "#"/],
    [
      "a delimiter at the end of all lines",
      "1,0,\n1,1,\n",
      "last",
      /label in line \d.* all lines end with a delim/,
    ],
    [
      "the same below a header",
      "a,b,\n1,0,\n2,1,\n",
      "last",
      /label in line 2.* all lines end with a delim/,
    ],
    [
      "one at the end of a line",
      "1,2,0\n1,2,1,\n",
      "last",
      /the delimiter at the end of the line out/,
    ],
    ["one in the first line alone", "a,b,\n1,0\n", "last", /at the end of the first line out/],
    [
      "words before the last column",
      "kind,x\nash,1\noak,2\nash,3\n",
      "last",
      /"ash", as in most lines .* if it holds the class, say --label kind$/,
    ],
    [
      "words without names",
      "ash,1\noak,2\nash,3\n",
      "last",
      /if it holds the class, say --label 1$/,
    ],
    ["a fractional label number", "1,2\n", 1.5, /received 1\.5/],
  ];
  it.each(cases)("refuses %s", async (_, text, label, message) => {
    expect(await inputErrorOf(readTable(write("bad.csv", text), { label }))).toMatch(message);
  });
});

describe("classes of a table", () => {
  const classesOf = async (...labels: string[]) => {
    const path = write("labels.csv", labels.map((label) => `1,${label}`).join("\n"));
    return sortedClasses([await readTable(path)]);
  };

  it("puts integers in numeric order, whatever their form, and words in character order", async () => {
    expect((await classesOf("10", "9", "-1", "9.0")).names).toEqual(["-1", "9", "10"]);
    expect((await classesOf("10", "9", "-1", "9.0")).of.get("9.0")).toBe(1);
    expect((await classesOf("b", "a", "10", "9")).names).toEqual(["10", "9", "a", "b"]);
  });

  it("refuses fractions, one class and more than a thousand", async () => {
    expect(await inputErrorOf(classesOf("1", "0.5"))).toMatch(/fraction 0\.5; name the column/);
    expect(await inputErrorOf(classesOf("1", "1"))).toMatch(/2 to 1000 classes .* found 1;/);
    const many = Array.from({ length: 1001 }, (_, label) => String(label));
    expect(await inputErrorOf(classesOf(...many))).toMatch(/found 1001/);
  });
});

describe("a data set from tables", () => {
  const lines = (count: number, line: (row: number) => string) =>
    Array.from({ length: count }, (_, row) => line(row)).join("\n");
  const load = async (text: string, seed = 1, fromEnd = false) => {
    const table = await readTable(write("data.csv", text));
    return tableDataset("data.csv", sortedClasses([table]), { seed, fromEnd }, table);
  };

  it("holds out a seeded fifth, in the file's order, and at most 5,000", async () => {
    // The second column is a flag, so it shows which rows went where after standardising.
    const text = lines(50, (row) => `${row},${row % 2},${row % 3}`);
    // One after the other, for they are read from one file.
    const [first, again, other] = [await load(text), await load(text), await load(text, 2)];
    expect([first.train.count, first.test.count]).toEqual([40, 10]);
    for (const part of ["train", "test"] as const) {
      const values = rowsOf(first[part]).map(([value]) => value as number);
      expect(values).toEqual(values.toSorted((left, right) => left - right));
      expect(rowsOf(again[part])).toEqual(rowsOf(first[part]));
    }
    const shared = new Set([...rowsOf(first.train), ...rowsOf(first.test)].map(([value]) => value));
    expect(shared.size).toBe(50);
    expect(rowsOf(other.test)).not.toEqual(rowsOf(first.test));
    const large = await load(lines(25_100, (row) => `${row},${row % 2}`));
    expect([large.train.count, large.test.count]).toEqual([20_100, 5_000]);
  });

  it("holds out the end of a series, whatever the seed", async () => {
    const text = lines(50, (row) => `${row},${row % 3}`);
    for (const seed of [1, 2]) {
      const { train, test } = await load(text, seed, true);
      const raw = (data: LabelledData) =>
        Array.from({ length: data.count }, (_, index) => {
          const x = new Float32Array(1);
          data.readRaw?.(index, x, 0);
          return x[0];
        });
      expect(raw(train)).toEqual(Array.from({ length: 40 }, (_, row) => row));
      expect(raw(test)).toEqual(Array.from({ length: 10 }, (_, row) => 40 + row));
    }
  });

  it("standardises by the training rows alone, leaves flags, clips outliers, zeroes constants", async () => {
    const trainTable = await readTable(
      write("train.csv", "1,0,5,0,0\n3,1,5,0,1\n5,1,5,0,0\n7,0,5,0,1"),
    );
    const testTable = await readTable(write("test.csv", "4,1,9,2,1\n1000,0,5,0,0"));
    const classes = sortedClasses([trainTable, testTable]);
    const { train, test } = tableDataset("x", classes, { seed: 1 }, trainTable, testTable);
    const deviation = Math.sqrt(5);
    const expected = [-3, -1, 1, 3].map((value) => Math.fround(value / deviation));
    expect(rowsOf(train)).toEqual([0, 1, 1, 0].map((flag, row) => [expected[row], flag, 0, 0]));
    expect(rowsOf(test)).toEqual([
      [0, 1, 0, 2],
      [10, 0, 0, 0],
    ]);
    expect([train.label(0), train.label(1), test.label(0)]).toEqual([0, 1, 1]);
  });

  it("refuses too few rows, no features and splits that differ", async () => {
    expect(await inputErrorOf(load("1,0\n2,1"))).toMatch(/at least 5 samples .* found 2/);
    expect(await inputErrorOf(load("0\n1\n0\n1\n0"))).toMatch(/at least one feature column/);
    const texts = ["1,2,0\n3,4,1", "1,2,3,0\n1,2,3,1"];
    const [two, three] = (await Promise.all(
      texts.map((text, part) => readTable(write(`${part}.csv`, text))),
    )) as [Table, Table];
    const classes = sortedClasses([two, three]);
    expect(inputError(() => tableDataset("x", classes, { seed: 1 }, two, three))).toMatch(
      /Expected 2 feature columns in .*1\.csv as in .*0\.csv but found 3/,
    );
  });
});

describe("Covertype and weather", () => {
  const features = Array.from({ length: 54 }, (_, column) => column).join(",");

  it("reads UCI's lines, with or without Kaggle's header", async () => {
    const header = `${Array.from({ length: 54 }, (_, column) => `name${column}`).join(",")},Cover_Type`;
    for (const text of [
      `${features},7\n${features},1`,
      `${header}\n${features},7\n${features},1`,
    ]) {
      const table = await readCovertype(write("covtype.data", text));
      expect([table.rows, table.columns, table.values[53], table.labelNames]).toEqual([
        2,
        54,
        53,
        ["7", "1"],
      ]);
    }
  });

  it("refuses other labels and other widths", async () => {
    const read = (text: string) => readCovertype(write("covtype.data", text));
    expect(await inputErrorOf(read(`${features},1\n${features},8\n`))).toMatch(
      /type 1 to 7 at the end of line 2 .* "8"/,
    );
    expect(await inputErrorOf(read(`${features},0\n`))).toMatch(/line 1 .* "0"/);
    expect(await inputErrorOf(read("1,2,3\n"))).toMatch(
      /54 features and a label .* found 3 fields/,
    );
  });

  it("joins weather's two files and refuses ones that differ", async () => {
    const measured = write("NEweather_data.csv", "1,2\n3,4\n5,6\n");
    const read = (labels: string) => readWeather(measured, write("NEweather_class.csv", labels));
    const table = await read("0\n1\n0\n");
    expect([table.rows, table.columns, [...table.labels]]).toEqual([3, 2, [0, 1, 0]]);
    expect(await inputErrorOf(read("0\n1\n"))).toMatch(
      /Expected 3 labels in .*class\.csv.* found 2/,
    );
    expect(await inputErrorOf(read("0\n2\n1\n"))).toMatch(
      /0 \(no rain\) or 1 \(rain\) in line 2 .* "2"/,
    );
  });
});
