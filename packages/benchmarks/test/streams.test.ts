import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dataset, LabelledData, RotatableData } from "../src/datasets/contract.js";
import { glyphs } from "../src/datasets/glyphs.js";
import { taskCount } from "../src/streams/class-groups.js";
import type { Stream } from "../src/streams/contract.js";
import { createStream, orderNames } from "../src/streams/registry.js";
import { lastAngle } from "../src/streams/rotating.js";
import { inputError } from "./datasets-encode.js";

/** Samples that say who they are: x holds the index, and the label is given. */
function indexed(labels: readonly number[], classes: number): Dataset {
  const train: LabelledData = {
    count: labels.length,
    classes,
    inputShape: [1, 2],
    read: (index, x, offset) => {
      x[offset] = index;
      x[offset + 1] = -index;
    },
    label: (index) => labels[index]!,
  };
  return { name: "indexed", train, test: train };
}

/** Indices and labels of all items. */
function readAll(stream: Stream) {
  const x = new Float32Array(stream.batch * stream.inputLength);
  const labels = new Int32Array(stream.batch);
  return Array.from({ length: stream.itemCount }, (_, item) => {
    stream.readItem(item, x, labels);
    return { indices: [...x].filter((_, at) => at % 2 === 0), labels: [...labels] };
  });
}

const anyData = fc
  .record({ classes: fc.integer({ min: 2, max: 25 }), count: fc.integer({ min: 1, max: 120 }) })
  .chain(({ classes, count }) =>
    fc.record({
      classes: fc.constant(classes),
      labels: fc.array(fc.integer({ min: 0, max: classes - 1 }), {
        minLength: count,
        maxLength: count,
      }),
      batch: fc.integer({ min: 1, max: 20 }),
      items: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
      seed: fc.integer(),
    }),
  );

describe("every order", () => {
  it.each(["iid", "given", "split", "gradual", "recurring"])(
    "%s: labels fit, same seed same stream, any order of reading",
    (order) => {
      fc.assert(
        fc.property(anyData, ({ classes, labels, batch, items, seed }) => {
          const dataset = indexed(labels, classes);
          const stream = createStream(dataset, { order, batch, items, seed });
          expect([stream.batch, stream.inputLength, stream.classes]).toEqual([batch, 2, classes]);
          if (items !== undefined) expect(stream.itemCount).toBe(items);
          const all = readAll(stream);
          for (const item of all)
            expect(item.labels).toEqual(item.indices.map((index) => labels[index]));
          expect(readAll(createStream(dataset, { order, batch, items, seed }))).toEqual(all);
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

describe("iid", () => {
  it("has each sample once per pass, and each pass in an order of its own", () => {
    fc.assert(
      fc.property(anyData, ({ classes, labels, batch, seed }) => {
        const items = 3 * labels.length;
        const stream = createStream(indexed(labels, classes), { order: "iid", batch, items, seed });
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
    expect([count(160), count(175), count(5)]).toEqual([10, 10, 1]);
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

describe("split", () => {
  it("makes five pairs of ten classes and ten groups of a hundred", () => {
    expect([2, 3, 7, 10, 20, 100, 200].map(taskCount)).toEqual([2, 2, 4, 5, 10, 10, 10]);
  });

  it("keeps the groups of classes apart and shows each sample at most once", () => {
    fc.assert(
      fc.property(anyData, ({ classes, labels, seed }) => {
        const stream = createStream(indexed(labels, classes), { order: "split", batch: 1, seed });
        const all = readAll(stream);
        const indices = all.flatMap((item) => item.indices);
        expect(indices.sort((a, b) => a - b)).toEqual([...labels.keys()]);
        // Each class stays within one stretch of its group: when a class has left with its group, it
        // does not come back. Groups are stretches in which classes may mix.
        const seen = all.flatMap((item) => item.labels);
        const ends = new Map(seen.map((label, at) => [label, at]));
        let groups = 0;
        let end = -1;
        for (const [at, label] of seen.entries()) {
          if (at > end) groups += 1;
          end = Math.max(end, ends.get(label) as number);
        }
        expect(groups).toBeGreaterThanOrEqual(1);
        expect(groups).toBeLessThanOrEqual(new Set(labels).size);
      }),
    );
  });

  it("shows two new classes in each fifth of a balanced set, with equal shares of the items", () => {
    const dataset = indexed(
      Array.from({ length: 1_000 }, (_, index) => index % 10),
      10,
    );
    for (const items of [undefined, 25, 200]) {
      const all = readAll(createStream(dataset, { order: "split", batch: 8, items, seed: 3 }));
      expect(all.length).toBe(items ?? 125);
      const fifth = all.length / 5;
      const groups = [0, 1, 2, 3, 4].map((task) => [
        ...new Set(all.slice(task * fifth, (task + 1) * fifth).flatMap((item) => item.labels)),
      ]);
      expect(groups.map((group) => group.length)).toEqual([2, 2, 2, 2, 2]);
      expect(new Set(groups.flat()).size).toBe(10);
    }
  });
});

/** Ten classes, 100 samples of each. */
const balanced = () =>
  indexed(
    Array.from({ length: 1_000 }, (_, index) => index % 10),
    10,
  );
const taskOf = (classes: readonly (readonly number[])[], label: number) =>
  classes.findIndex((group) => group.includes(label));

describe("tasks of a stream", () => {
  it.each(["split", "recurring"])(
    "%s: hold their own classes from their first item on",
    (order) => {
      const stream = createStream(balanced(), { order, batch: 5, seed: 2 });
      const tasks = stream.tasks ?? [];
      const all = readAll(stream);
      tasks.forEach(({ firstItem, classes }, place) => {
        const own = all.slice(firstItem, tasks[place + 1]?.firstItem);
        expect([...new Set(own.flatMap(({ labels }) => labels))].sort((a, b) => a - b)).toEqual(
          classes,
        );
      });
      expect(tasks[0]?.firstItem).toBe(0);
    },
  );
});

describe("given", () => {
  it("brings the samples as the data set has them, and again from the first one", () => {
    const stream = createStream(balanced(), { order: "given", batch: 300, items: 4, seed: 1 });
    const indices = readAll(stream).flatMap((item) => item.indices);
    expect(indices).toEqual(Array.from({ length: 1_200 }, (_, at) => at % 1_000));
  });
});

describe("recurring", () => {
  it("brings the tasks of split three times, each time with other samples", () => {
    const stream = createStream(balanced(), { order: "recurring", batch: 5, seed: 2 });
    const split = createStream(balanced(), { order: "split", batch: 5, seed: 2 });
    const classes = split.tasks?.map((task) => task.classes) ?? [];
    expect(stream.tasks?.map((task) => task.classes)).toEqual([...classes, ...classes, ...classes]);
    const indices = readAll(stream).flatMap((item) => item.indices);
    expect(new Set(indices).size).toBe(indices.length);
    expect(indices.length).toBeGreaterThan(900);
  });
});

describe("gradual", () => {
  it("goes from the middle of a task to the middle of the next at an even rate", () => {
    const request = { batch: 10, items: 2_000, seed: 2 };
    const classes =
      createStream(balanced(), { order: "split", ...request }).tasks?.map((task) => task.classes) ??
      [];
    const labels = readAll(createStream(balanced(), { order: "gradual", ...request })).flatMap(
      (item) => item.labels,
    );
    // Twentieths of the stream, four to a task; share of the task that the position lies in.
    const shares = Array.from({ length: 20 }, (_, part) => {
      const own = labels.slice(part * 1_000, (part + 1) * 1_000);
      return own.filter((label) => taskOf(classes, label) === Math.floor(part / 4)).length / 1_000;
    });
    const expected = [5 / 8, 7 / 8, 7 / 8, 5 / 8];
    shares.forEach((share, part) => {
      const atAnEnd = part < 2 || part >= 18;
      // Four standard deviations of a share of 1000.
      expect(Math.abs(share - (atAnEnd ? 1 : expected[part % 4]!))).toBeLessThan(0.062);
    });
    expect(new Set(labels).size).toBe(10);
  });
});

describe("permuted", () => {
  /** Four pixels of two channels that say which they are. */
  const train: LabelledData = {
    count: 100,
    classes: 2,
    inputShape: [2, 2, 2],
    read: (_, x, offset) => {
      for (let value = 0; value < 8; value++) x[offset + value] = value;
    },
    label: (index) => index % 2,
  };
  const dataset = { name: "pixels", train, test: train };

  it("moves whole pixels, the same way throughout a task, in the first one not at all", () => {
    const stream = createStream(dataset, { order: "permuted", batch: 1, items: 50, seed: 4 });
    const x = new Float32Array(8);
    const seen = Array.from({ length: 50 }, (_, item) => {
      stream.readItem(item, x, new Int32Array(1));
      return [...x];
    });
    expect(stream.tasks?.map(({ firstItem }) => firstItem)).toEqual([0, 10, 20, 30, 40]);
    stream.tasks?.forEach(({ firstItem, view }, task) => {
      const own = seen.slice(firstItem, firstItem + 10);
      expect(new Set(own.map(String)).size).toBe(1);
      const pixels = [0, 1, 2, 3].map((pixel) => own[0]!.slice(2 * pixel, 2 * pixel + 2));
      for (const [first, second] of pixels) expect([first! % 2, second]).toEqual([0, first! + 1]);
      expect([...own[0]!].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      if (task === 0) expect(own[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      // Test samples are shown as the task shows them.
      view?.(train).read(0, x, 0);
      expect([...x]).toEqual(own[0]);
    });
    expect(new Set(seen.map(String)).size).toBeGreaterThan(1);
  });
});

describe("rotating", () => {
  it("turns the samples of the iid kind by an even ramp from 0 to 180 degrees", () => {
    const dataset = indexed(new Array<number>(200).fill(0), 2);
    // Samples that say by which angle they were turned.
    const train: RotatableData = {
      ...dataset.train,
      readRotated: (index, angle, x, offset) => {
        x[offset] = index;
        x[offset + 1] = angle;
      },
    };
    const request = { batch: 4, items: 25, seed: 1 };
    const stream = createStream({ ...dataset, train }, { order: "rotating", ...request });
    const x = new Float32Array(8);
    const indices: number[] = [];
    for (let item = 0; item < 25; item++) {
      stream.readItem(item, x, new Int32Array(4));
      for (let place = 0; place < 4; place++) {
        expect(x[2 * place + 1]).toBeCloseTo((lastAngle * (4 * item + place)) / 99, 4);
        indices.push(x[2 * place]!);
      }
    }
    expect(new Set(indices).size).toBe(100);
    expect(lastAngle).toBe(180);
  });

  it("refuses data that cannot be turned", () => {
    const call = () => createStream(indexed([0, 1], 2), { order: "rotating", batch: 1, seed: 1 });
    expect(inputError(call)).toMatch(
      /Expected images for the order "rotating" but received samples of shape \[1, 2\]/,
    );
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
