// What measured features are standardised by, and that nothing of the future is in it.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../src/datasets/contract.js";
import { glyphs } from "../src/datasets/glyphs.js";
import { loadDataset } from "../src/datasets/registry.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { Random } from "../src/random.js";
import { createStream } from "../src/streams/registry.js";
import type { SavedScaling } from "../src/streams/saved-scaling.js";
import { inputError, workplace } from "./datasets-encode.js";
import { shortRun } from "./runs.js";
import { setting } from "./samples.js";

fc.configureGlobal({ seed: 20_151_101 });

const { write } = workplace();
let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const columns = 3;

/** A series that drifts away, a flag, and a column that is constant until row 60. */
function series(rows: number, from = (row: number) => row): string {
  const random = new Random(3);
  return Array.from({ length: rows }, (_, row) => {
    const noise = random.between(-1, 1);
    const drift = from(row) + noise;
    return `${drift.toFixed(3)},${row % 2},${row < 60 ? 5 : 6},${noise > 0 ? "up" : "down"}`;
  }).join("\n");
}

const load = (name: string, text: string, fromEnd = true): Promise<Dataset> =>
  loadDataset(write(name, text), { seed: 0, fromEnd });

/** Items of 4, in any order of reading. */
function itemsOf(dataset: Dataset, change: object, order?: readonly number[]) {
  const stream = createStream(dataset, { order: "given", batch: 4, seed: 0, ...change });
  const places = order ?? Array.from({ length: stream.itemCount }, (_, item) => item);
  const items = places.map((item) => {
    const x = new Float32Array(4 * stream.inputLength);
    stream.readItem(item, x, new Int32Array(4));
    return [...x];
  });
  return { stream, items };
}

describe("by what has come", () => {
  it("is what a series in its given order is scaled by: no item tells of later ones", async () => {
    // The same until row 100, another world after.
    const here = await load("here.csv", series(200));
    const there = await load(
      "there.csv",
      series(200, (row) => (row < 100 ? row : -1_000 * row)),
    );
    const [one, other] = [itemsOf(here, {}), itemsOf(there, {})];
    expect(one.stream.scale).toBe("running");
    expect(other.items.slice(0, 25)).toEqual(one.items.slice(0, 25));
    expect(other.items.slice(25)).not.toEqual(one.items.slice(25));
    // By the whole file the first item gives the future away.
    const file = { scale: "file" };
    expect(itemsOf(there, file).items[0]).not.toEqual(itemsOf(here, file).items[0]);
  });

  it("makes of each sample what the samples up to it make of it", async () => {
    const dataset = await load("series.csv", series(120));
    const { items } = itemsOf(dataset, {});
    const raw = Array.from({ length: 96 }, (_, row) => {
      const x = new Float32Array(columns);
      dataset.train.readRaw?.(row, x, 0);
      return [...x];
    });
    const scaled = items.flat();
    raw.forEach((row, place) => {
      const seen = raw.slice(0, place + 1).map(([drift]) => drift as number);
      const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
      const variance = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length;
      const wanted = variance > 0 ? ((row[0] as number) - mean) / Math.sqrt(variance) : 0;
      expect(scaled[place * columns]).toBeCloseTo(wanted, 4);
      // The flag stays, and what was constant so far is 0.
      expect(scaled[place * columns + 1]).toBe(row[1]);
      if (place < 60) expect(scaled[place * columns + 2]).toBe(0);
    });
  });

  it("is the same whatever was read before, in any order, permuted too", async () => {
    const dataset = await load("many.csv", series(1_500));
    for (const order of ["given", "iid", "permuted"]) {
      const change = { order, scale: "running" };
      const { items } = itemsOf(dataset, change);
      expect(items.length).toBe(300);
      fc.assert(
        fc.property(fc.array(fc.nat(items.length - 1), { maxLength: 30 }), (places) => {
          const { items: found } = itemsOf(dataset, change, places);
          expect(found).toEqual(places.map((place) => items[place]));
        }),
        { numRuns: 20 },
      );
    }
  });

  it("ends with the statistics of the whole split, which the test split is scaled by", async () => {
    const dataset = await load("whole.csv", series(250));
    const { stream } = itemsOf(dataset, {});
    const test = stream.present(dataset.test);
    const [found, wanted] = [new Float32Array(columns), new Float32Array(columns)];
    for (let index = 0; index < test.count; index++) {
      test.read(index, found, 0);
      dataset.test.read(index, wanted, 0);
      found.forEach((value, column) => {
        expect(value).toBeCloseTo(wanted[column] as number, 5);
      });
    }
    const state = stream.saveScaling()?.state;
    expect(state?.count).toBe(200);
    expect(state?.mean[0]).toBeCloseTo(dataset.train.statistics?.mean[0] as number, 6);
  });
});

describe("by the file, or not at all", () => {
  it("is as the training split is standardised, and as the file has it", async () => {
    const dataset = await load("plain.csv", series(60));
    const read = (how: "read" | "readRaw") =>
      Array.from({ length: 48 }, (_, index) => {
        const x = new Float32Array(columns);
        dataset.train[how]?.(index, x, 0);
        return [...x];
      }).flat();
    const file = itemsOf(dataset, { scale: "file" });
    expect(file.items.flat()).toEqual(read("read"));
    const none = itemsOf(dataset, { scale: "none" });
    expect(none.items.flat()).toEqual(read("readRaw"));
    expect(none.stream.saveScaling()).toEqual({ scale: "none", state: null });
    expect(createStream(dataset, { order: "iid", batch: 4, seed: 0 }).scale).toBe("file");
  });
});

describe("a saved scaling", () => {
  it("goes on: running from its counts, by file with its statistics", async () => {
    const whole = await load("all.csv", series(160));
    const rows = series(160).split("\n");
    // 64 rows are for training, then as many again.
    const first = await load("first.csv", rows.slice(0, 80).join("\n"));
    const second = await load(
      "second.csv",
      [...rows.slice(64, 128), ...rows.slice(0, 16)].join("\n"),
    );
    const begun = itemsOf(first, {});
    const saved = JSON.parse(JSON.stringify(begun.stream.saveScaling())) as SavedScaling;
    const gone = itemsOf(second, { savedScaling: saved });
    expect([...begun.items, ...gone.items]).toEqual(itemsOf(whole, {}).items);

    const file = itemsOf(first, { scale: "file" }).stream.saveScaling() as SavedScaling;
    const { stream, items } = itemsOf(second, { savedScaling: file });
    expect(stream.scale).toBe("file");
    const [mean, deviation] = [
      file.state?.mean[0] as number,
      Math.sqrt((file.state?.squares[0] as number) / 64),
    ];
    const raw = new Float32Array(columns);
    second.train.readRaw?.(0, raw, 0);
    expect(items[0]?.[0]).toBeCloseTo(((raw[0] as number) - mean) / deviation, 4);
  });

  it("is not overruled, nor taken for data with other features", async () => {
    const dataset = await load("own.csv", series(60));
    const saved = itemsOf(dataset, {}).stream.saveScaling() as SavedScaling;
    const create = (change: object) => () =>
      createStream(dataset, { order: "given", batch: 4, seed: 0, savedScaling: saved, ...change });
    expect(inputError(create({ scale: "file" }))).toBe(
      'Expected "running" for --scale, as the model has learned with it, but received "file"; ' +
        "leave --scale out",
    );
    const state = { count: 1, mean: [0], squares: [0], flags: [true] };
    expect(inputError(create({ savedScaling: { scale: "running", state } }))).toMatch(
      /Expected 1 features, as many as the scaling of the model's inputs has, but the data has 3/,
    );
  });
});

describe("a run", () => {
  it("says how its inputs were scaled", async () => {
    const dataset = write("run.csv", series(200));
    const own = { dataset, method: "oracle", items: 10 } as const;
    const scaleOf = async (change: object) =>
      (await shortRun(setting({ ...own, ...change }), machinery)).scale;
    expect(await scaleOf({ order: "given" })).toBe("running");
    expect(await scaleOf({ order: "given", scale: "none" })).toBe("none");
    expect(await scaleOf({})).toBe("file");
    expect(await scaleOf({ dataset: "glyphs" })).toBe("pixels");
  });

  it("of images takes no scale", () => {
    const request = { order: "iid", batch: 4, seed: 0, scale: "file" } as const;
    expect(inputError(() => createStream(glyphs(0), request))).toBe(
      'Expected no --scale for images, which keep the statistics of their pixels, but received "file"; leave it out',
    );
  });
});
