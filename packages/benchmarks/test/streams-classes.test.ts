// Streams whose classes come in groups.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { taskCount } from "../src/streams/class-groups.js";
import { createStream } from "../src/streams/registry.js";
import { anyData, balanced, indexed, readAll } from "./indexed-data.js";

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
    const dataset = balanced();
    for (const items of [undefined, 25, 200]) {
      const request = { order: "split", batch: 8, items, passes: 2, seed: 3 };
      const all = readAll(createStream(dataset, request));
      expect(all.length).toBe(items ?? 250);
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
    const request = { batch: 10, items: 2_000, passes: 20, seed: 2 };
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
