import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { glyphs } from "../src/datasets/glyphs.js";
import { exposureOf } from "../src/metrics/exposure.js";
import type { Stream } from "../src/streams/contract.js";
import { createStream, orderNames } from "../src/streams/registry.js";
import { inputError } from "./datasets-encode.js";
import { anyData, balanced, indexed, plenty, readAll } from "./indexed-data.js";

describe("every order", () => {
  it.each(["iid", "given", "split", "gradual", "recurring"])(
    "%s: labels fit, same seed same stream, any order of reading",
    (order) => {
      fc.assert(
        fc.property(anyData, ({ classes, labels, batch, items, seed }) => {
          const dataset = indexed(labels, classes);
          const passes = items === undefined ? batch : plenty;
          const request = { order, batch, items, passes, seed };
          const stream = createStream(dataset, request);
          expect([stream.batch, stream.inputLength, stream.classes]).toEqual([batch, 2, classes]);
          if (items !== undefined) expect(stream.itemCount).toBe(items);
          const all = readAll(stream);
          for (const item of all)
            expect(item.labels).toEqual(item.indices.map((index) => labels[index]));
          expect(readAll(createStream(dataset, request))).toEqual(all);
          const x = new Float32Array(2 * batch);
          const found = new Int32Array(batch);
          for (let item = stream.itemCount - 1; item >= 0; item--) {
            stream.readItem(item, x, found);
            expect([...found]).toEqual(all[item]?.labels);
          }
        }),
      );
    },
  );

  it("differs between seeds", () => {
    const dataset = indexed(
      Array.from({ length: 100 }, (_, index) => index % 10),
      10,
    );
    for (const order of ["iid", "split"]) {
      const read = (seed: number) => readAll(createStream(dataset, { order, batch: 10, seed }));
      expect(read(1)).not.toEqual(read(2));
    }
  });

  it("refuses items that are not there", () => {
    const stream = createStream(indexed([0, 1], 2), { order: "iid", batch: 1, seed: 1 });
    for (const item of [-1, 2, 0.5])
      expect(() => stream.readItem(item, new Float32Array(2), new Int32Array(1))).toThrow(
        RangeError,
      );
  });
});

describe("a stream", () => {
  it.each(["iid", "given", "split", "gradual", "recurring", "permuted"])(
    "%s: shows no sample more often than there are passes, whatever is asked",
    (order) => {
      let [made, refused] = [0, 0];
      fc.assert(
        fc.property(anyData, ({ classes, labels, ...request }) => {
          const dataset = indexed(labels, classes);
          let stream: Stream;
          try {
            stream = createStream(dataset, { order, ...request });
          } catch (error) {
            expect(String(error)).toMatch(/for --items, the items|they do not fill one/);
            refused++;
            return;
          }
          made++;
          if (request.items !== undefined) expect(stream.itemCount).toBe(request.items);
          const times = new Map<number, number>();
          for (const index of readAll(stream).flatMap(({ indices }) => indices)) {
            const sample = order === "permuted" ? Math.abs(index) : index;
            times.set(sample, (times.get(sample) ?? 0) + 1);
          }
          const counts = [...times.values()];
          expect(Math.max(...counts)).toBeLessThanOrEqual(request.passes);
          expect(exposureOf(stream, stream.itemCount)).toEqual({
            samples: labels.length,
            seen: times.size,
            least: Math.min(...counts),
            most: Math.max(...counts),
          });
        }),
        { numRuns: 200 },
      );
      expect(Math.min(made, refused)).toBeGreaterThan(10);
    },
  );

  it("is no longer than is usual where nothing is asked, nor than the passes", () => {
    const length = (change: object) =>
      createStream(balanced(), { order: "iid", batch: 10, seed: 1, ...change }).itemCount;
    expect(length({ mostItems: 30 })).toBe(30);
    expect(length({ mostItems: 1_000 })).toBe(100);
    expect(length({ mostItems: 30, items: 70 })).toBe(70);
    expect(length({ passes: 3 })).toBe(300);
  });
});

describe("iid", () => {
  it("has each sample once per pass, and each pass in an order of its own", () => {
    fc.assert(
      fc.property(anyData, ({ classes, labels, batch, seed }) => {
        const request = { order: "iid", batch, passes: 3 * batch, seed };
        const stream = createStream(indexed(labels, classes), request);
        expect(stream.itemCount).toBe(3 * labels.length);
        const indices = readAll(stream).flatMap((item) => item.indices);
        for (let start = 0; start + labels.length <= indices.length; start += labels.length)
          expect(indices.slice(start, start + labels.length).sort((a, b) => a - b)).toEqual([
            ...labels.keys(),
          ]);
      }),
      { numRuns: 30 },
    );
    const stream = createStream(indexed(new Array<number>(50).fill(0), 2), {
      order: "iid",
      batch: 50,
      items: 2,
      passes: 2,
      seed: 1,
    });
    const [first, second] = readAll(stream);
    expect(first?.indices).not.toEqual(second?.indices);
  });

  it("fills one pass by default", () => {
    const count = (samples: number) =>
      createStream(indexed(new Array<number>(samples).fill(0), 2), {
        order: "iid",
        batch: 16,
        seed: 1,
      }).itemCount;
    expect([count(160), count(175), count(16)]).toEqual([10, 10, 1]);
  });

  it("is uniform: every sample as often first as the others", () => {
    const dataset = indexed(new Array<number>(5).fill(0), 2);
    const first = new Array<number>(5).fill(0);
    for (let seed = 0; seed < 5_000; seed++)
      first[
        readAll(createStream(dataset, { order: "iid", batch: 1, items: 1, seed }))[0]!.indices[0]!
      ]! += 1;
    // Chi-squared with 4 degrees of freedom: 18.5 is passed once in a thousand times.
    expect(first.reduce((sum, times) => sum + (times - 1_000) ** 2 / 1_000, 0)).toBeLessThan(18.5);
  });
});

describe("given", () => {
  it("brings the samples as the data set has them, in a second pass again from the first one", () => {
    const request = { order: "given", batch: 300, items: 4, passes: 2, seed: 1 };
    const indices = readAll(createStream(balanced(), request)).flatMap((item) => item.indices);
    expect(indices).toEqual(Array.from({ length: 1_200 }, (_, at) => at % 1_000));
  });
});

describe("createStream", () => {
  it.each([
    [
      { order: "idd" },
      /Expected one of iid, given, split, gradual, recurring, permuted, rotating for the order but received "idd"; did you mean "iid"\?/,
    ],
    [
      { order: "toString" },
      /Expected one of iid, given, .*, rotating for the order but received "toString"$/,
    ],
    [{ batch: 0 }, /a positive integer for batch but received 0 of type number/],
    [{ batch: 1.5 }, /a positive integer for batch/],
    [{ items: -3 }, /a positive integer for items but received -3/],
    [{ passes: 0 }, /a positive integer for passes but received 0/],
    [
      { items: 3 },
      /^Expected at most 2 for --items, the items of 1 that one pass over 2 samples can fill, but received 3; let samples come again with --passes 2$/,
    ],
    [
      { passes: 2, items: 5 },
      /the items of 1 that 2 passes over 2 samples can fill, .*--passes 3$/,
    ],
    [
      { batch: 16 },
      /^Expected enough samples for an item of 16 in one pass over 2 samples but they do not fill one; give a smaller --batch, or more --passes$/,
    ],
    [{ seed: Number.NaN }, /an integer for seed but received NaN/],
  ])("refuses %o", (wrong, message) => {
    const options = { order: "iid", batch: 1, seed: 1, ...wrong };
    expect(inputError(() => createStream(indexed([0, 1], 2), options))).toMatch(message);
  });

  it("offers every order by name", () => {
    for (const order of orderNames)
      expect(createStream(glyphs(1), { order, batch: 16, items: 2, seed: 1 }).itemCount).toBe(2);
  });
});
