// A run that goes on from a saved model: over items learned before it says so, it can begin behind
// them, and a table of other columns is refused.
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dataLoader } from "../src/commands/table-options.js";
import { itemsMetBefore } from "../src/learned-before.js";
import { readMeaning } from "../src/meaning.js";
import { parseRecord } from "../src/record.js";
import { belowRule, remarks, warnings } from "../src/report/words.js";
import { createStream } from "../src/streams/registry.js";
import { ferret } from "./command.js";
import { inputError, inputErrorOf, workplace } from "./datasets-encode.js";
import { record } from "./samples.js";

const { folder, write } = workplace();
const rows = Array.from({ length: 100 }, (_, row) => `${row},${row % 7},${"ab"[row % 2]}`);
const table = write("table.csv", ["u,v,kind", ...rows].join("\n"));
const model = join(folder, "trained");
const line = [..."run --method oracle --model mlp --batch 4 --json --dataset".split(" "), table];

describe("a run that goes on from a model", () => {
  let first: Awaited<ReturnType<typeof ferret>>;
  beforeAll(async () => {
    first = await ferret([...line, "--items", "10", "--save-model", model]);
  });
  const goOn = (...words: string[]) => {
    const all = [...line, "--model", model, ...words];
    return ferret(all);
  };

  it("says which of its items that has learned before, in the record too", async () => {
    const { stdout, stderr } = await goOn("--items", "12");
    expect(stderr).toContain(
      `continues from ${model}, which has learned 10 of these 12 items before: accuracy on them ` +
        "is too good",
    );
    const made = parseRecord(JSON.parse(stdout));
    expect(made.startedFrom).toMatchObject({ path: model, metBefore: 10 });
    expect(warnings([made]).join()).toContain("has learned 10 of these 12 items before");
  });

  it("says nothing behind them, or in another order", async () => {
    for (const words of [
      ["--skip-items", "10"],
      ["--order", "given", "--scale", "file"],
    ]) {
      const { code, stdout, stderr } = await goOn(...words, "--items", "5");
      expect([code, stderr]).toEqual([0, expect.not.stringContaining("flatters")]);
      const made = parseRecord(JSON.parse(stdout));
      expect(made.startedFrom?.metBefore).toBe(0);
      expect([made.items, made.skippedItems]).toEqual([5, words[0] === "--order" ? 0 : 10]);
    }
  });

  it("refuses columns of other names, or in another order, and takes those without names", async () => {
    const load = (path: string) => dataLoader([path], { model })(path, 0);
    expect(readMeaning({ model })?.features).toEqual(["u", "v"]);
    const swapped = write("swapped.csv", ["v,u,kind", ...rows].join("\n"));
    expect(await inputErrorOf(load(swapped))).toBe(
      'Expected feature 1 of swapped.csv to be "u", as in the data that the saved model has ' +
        'learned from, but it is "v"; give the columns "u", "v" in this order, or train again ' +
        "without the saved weights",
    );
    const more = write("more.csv", ["u,v,w,kind", ...rows.map((row) => `1,${row}`)].join("\n"));
    expect(await inputErrorOf(load(more))).toMatch(/^Expected 2 features in more.csv, .* found 3;/);
    const nameless = await load(write("nameless.csv", rows.join("\n")));
    expect(nameless.featureNames).toEqual(["u", "v"]);
  });

  it("said at the start that rows come in random order, which nobody asked for", async () => {
    const words = "table.csv: rows are taken in random order; --order given keeps the file's";
    expect(first.stderr.split(words).length).toBe(2);
    for (const order of ["iid", "given"]) {
      const { stderr } = await ferret([...line, "--items", "2", "--order", order]);
      expect(stderr).not.toContain("random order");
    }
  });
});

describe("a stream that begins later", () => {
  const options = { batch: 4, seed: 3, items: 6 };
  it.each(["iid", "given"])("is the same stream without its first items: %s", async (order) => {
    const dataset = await dataLoader([table], { order })(table, 0);
    const whole = createStream(dataset, { ...options, order, items: 10, scale: "file" });
    const later = createStream(dataset, { ...options, order, skipItems: 4, scale: "file" });
    expect(later.itemCount).toBe(6);
    const read = (stream: typeof whole, item: number) => {
      const [x, labels] = [new Float32Array(8), new Int32Array(4)];
      stream.readItem(item, x, labels);
      return [[...x], [...labels], stream.sampleAt(item, 2)];
    };
    for (let item = 0; item < 6; item++) expect(read(later, item)).toEqual(read(whole, 4 + item));
    expect(() => read(later, 6)).toThrow();
    expect(() => read(later, -1)).toThrow(RangeError);
    // As many as are left: 80 samples are 20 items.
    expect(createStream(dataset, { batch: 4, seed: 3, order, skipItems: 4 }).itemCount).toBe(16);
  });

  it("is refused beyond the end, and in orders that place items by their number", async () => {
    const dataset = await dataLoader([table], {})(table, 0);
    const make = (change: object) =>
      inputError(() => createStream(dataset, { ...options, order: "iid", ...change }));
    expect(make({ skipItems: 20 })).toMatch(
      /^Expected fewer than 20 for --skip-items, .* received 20; .*--passes 2$/,
    );
    expect(make({ skipItems: 15 })).toMatch(
      /^Expected at most 5 for --items, .* after the 15 skipped, but received 6;/,
    );
    expect(make({ skipItems: 1, order: "split" })).toMatch(
      /^Expected the order iid or given with --skip-items but received "split"/,
    );
  });

  it("counts items that were met by the places of their samples", () => {
    const stretch = { dataset: "d", train: 100, order: "iid", seed: 0, from: 0, to: 10 };
    expect(itemsMetBefore([stretch], { ...stretch, from: 8, to: 24 }, 4)).toBe(1);
    expect(itemsMetBefore([stretch], { ...stretch, from: 12, to: 24 }, 4)).toBe(0);
    expect(itemsMetBefore([stretch], { ...stretch, seed: 1 }, 4)).toBe(0);
    expect(itemsMetBefore([], stretch, 4)).toBe(0);
  });
});

describe("what people are told", () => {
  it("names both rules that beat a learner", () => {
    const agreement = { majority: 80, noChange: 70, kappa: 0, kappaTemporal: -0.1 };
    const below = (oacc: number) => belowRule(record({ oacc, agreement })).join();
    expect(below(60)).toMatch(/no-change rule \(70.0 %\).* and the majority rule \(80.0 %\)/);
    expect(below(75)).toMatch(/fewer than the majority rule/);
    expect(below(75)).not.toContain("no-change");
    expect(remarks(record(), { compensation: "iter-fisher" })).toEqual([]);
  });

  it("mentions --label where a column of words may be the class", async () => {
    const words = rows.map((row) => row.split(",").reverse().join(","));
    const file = write("class-first.csv", ["kind,v,u", ...words].join("\n"));
    expect(await inputErrorOf(dataLoader([file], {})(file, 0))).toMatch(/say --label kind$/);
  });
});
