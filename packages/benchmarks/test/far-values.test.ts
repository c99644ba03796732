// One value far out, such as 1e38 or a sentinel, does not swamp what inputs are standardised by.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { statisticsOf } from "../src/datasets/column-statistics.js";
import type { Table } from "../src/datasets/csv.js";
import { loadDataset } from "../src/datasets/registry.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { Random } from "../src/random.js";
import { createStream } from "../src/streams/registry.js";
import { workplace } from "./datasets-encode.js";
import { shortRun } from "./runs.js";
import { setting } from "./samples.js";

fc.configureGlobal({ seed: 1_938 });

const { write } = workplace();
let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

/** Three classes around three corners; one row may have a value far out in two features. */
function corners(rows: number, far?: string): string {
  const random = new Random(5);
  const lines = Array.from({ length: rows }, (_, row) => {
    const kind = Math.floor(random.between(0, 3));
    const x = [0, 1, 2].map((at) => (at === kind ? 2 : 0) + random.between(-1, 1));
    const fields = x.map((value) => value.toFixed(4));
    if (far !== undefined && row === 700) fields.splice(0, 2, far, `-${far}`);
    return [...fields, "abc"[kind]].join(",");
  });
  return `one,two,three,kind\n\n${lines.join("\n")}`;
}

const tableOf = (columns: number, values: Float32Array): Table =>
  ({ columns, values, rows: values.length / columns }) as Table;
const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

describe("a learner", () => {
  it.each([
    ["given", "1e38"],
    ["given", "1e6"],
    ["iid", "1e38"],
    ["iid", "1e6"],
  ] as const)("loses nothing by one row in the order %s with %s", async (order, far) => {
    const accuracy = async (text: string) => {
      const dataset = write("corners.csv", text);
      const own = {
        dataset,
        order,
        method: "oracle",
        batch: 16,
        items: 240,
        model: "mlp",
      } as const;
      const record = await shortRun(setting(own), machinery);
      return record.oacc;
    };
    const without = await accuracy(corners(5_000));
    expect(without).toBeGreaterThan(80);
    expect(Math.abs((await accuracy(corners(5_000, far))) - without)).toBeLessThan(2);
  });
});

describe("statistics of a file", () => {
  it("are those of two passes, to the bit, where no value is far out", () => {
    const value = fc.float({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 90 }), (numbers) => {
        // Of n values none is further out than (n - 1) / sqrt(n) deviations: below 10 up to 101.
        const values = Float32Array.from(numbers);
        const { state, far } = statisticsOf(tableOf(1, values), all(values.length));
        const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
        expect(state.mean[0]).toBe(mean);
        expect(state.squares[0]).toBe(values.reduce((sum, each) => sum + (each - mean) ** 2, 0));
        expect(far).toBe(null);
      }),
    );
  });

  it("are in closed form: of n - 1 values ±1 and one far out, deviation² = 1 / (1 - 100 / n), nearly", () => {
    const rows = 10_001;
    const values = Float32Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 1 : -1));
    values[400] = 3e38;
    const { state, far } = statisticsOf(tableOf(1, values), all(rows));
    const variance = (state.squares[0] as number) / rows;
    expect(variance).toBeCloseTo(1 / (1 - 100 / rows), 3);
    expect(state.mean[0]).toBeCloseTo((10 * Math.sqrt(variance)) / rows, 3);
    expect(far).toEqual({ row: 400, column: 0, value: Math.fround(3e38) });
  });

  it("keep what is rare in a column that is constant otherwise, and flags", () => {
    const values = new Float32Array(8_000);
    values.set([1, 7], 2_000);
    const { state, far } = statisticsOf(tableOf(2, values), all(4_000));
    expect(state.flags).toEqual([true, false]);
    expect(state.squares[0]).toBeCloseTo(1 - 1 / 4_000, 6);
    expect(state.squares[1]).toBeCloseTo(49 * (1 - 1 / 4_000), 6);
    expect(far).toBe(null);
  });
});

describe("what is said", () => {
  it("names file, line and column by file, and the item where scaling runs, once", async () => {
    const path = write("far.csv", corners(2_000, "1e6"));
    const told: string[] = [];
    const dataset = { ...(await loadDataset(path, { seed: 0, fromEnd: true })) };
    const tell = (order: string, scale: "file" | "running", from = dataset) => {
      told.length = 0;
      const request = { order, batch: 10, seed: 0, scale };
      const stream = createStream({ ...from, onNotice: (line) => told.push(line) }, request);
      const x = new Float32Array(10 * stream.inputLength);
      for (let item = 0; item < stream.itemCount; item++)
        stream.readItem(item, x, new Int32Array(10));
      return told.map((line) => line.replace(path, "FILE"));
    };
    // Row 700 stands behind a header and a blank line.
    const line = expect.stringMatching(
      /^line 703, column [12] \("(one|two)"\) of FILE: -?1000000 is so far out/,
    );
    expect(tell("given", "file")).toEqual([line]);
    expect(tell("given", "running")).toEqual([
      expect.stringMatching(/^Item 70 of far\.csv has a value more than 10 standard deviations/),
    ]);
    const plain = await loadDataset(write("plain.csv", corners(500)), { seed: 0 });
    expect([...tell("iid", "file", plain), ...tell("given", "running", plain)]).toEqual([]);
  });
});
