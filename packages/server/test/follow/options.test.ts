import { parseEvery } from "@ferret-ocl/pipeline/engine";
import { expect, it } from "vitest";
import { type FollowWords, followOptions, readFollowOptions } from "../../src/index.js";

it("reads what to follow", () => {
  expect(readFollowOptions({})).toBeNull();
  expect(readFollowOptions({ nats: "nats://here", items: "a.b" })).toEqual({
    nats: {
      url: "nats://here",
      items: { subject: "a.b", stream: undefined },
      labels: undefined,
      predictions: undefined,
      gaps: "refuse",
    },
    lines: null,
    every: { milliseconds: 30_000 },
    badMessages: "pass",
  });
  const words = { nats: "n", items: "ITEMS/a.>", labels: "b", predictions: "c", gaps: "accept" };
  expect(readFollowOptions({ ...words, every: "100items", badMessages: "stop" })).toMatchObject({
    nats: {
      items: { subject: "a.>", stream: "ITEMS" },
      labels: { subject: "b" },
      predictions: "c",
      gaps: "accept",
    },
    every: { items: 100 },
    badMessages: "stop",
  });
  const csv = { csvHeader: true, csvLabel: "class", csvId: "2", csvDelimiter: "\\t" };
  expect(readFollowOptions({ stdin: "csv", ...csv, afterRestart: "next" })).toMatchObject({
    nats: null,
    lines: {
      format: "csv",
      afterRestart: "next",
      csv: { header: true, label: "class", id: 2, delimiter: "\t" },
    },
  });
});

it.each<[FollowWords, string]>([
  [{ nats: "n" }, "Expected --items beside --nats"],
  [{ items: "a" }, "Expected --nats beside --items"],
  [{ every: "3s" }, "Expected --nats or --stdin beside --every"],
  [{ nats: "n", items: "a b" }, "SUBJECT or STREAM/SUBJECT for --items"],
  [{ nats: "n", items: "a", predictions: "b.*" }, "a subject without * and >"],
  [{ nats: "n", items: "a", gaps: "no" }, "refuse or accept for --gaps"],
  [{ stdin: "xml" }, "ndjson or csv for --stdin"],
  [{ stdin: "csv", csvLabel: "class" }, "since no line names the columns"],
  [{ stdin: "ndjson", csvHeader: true }, '"csv" where columns are told'],
  [{ nats: "n", items: "a", csvId: "3" }, "Expected --stdin beside --csv-id"],
  [{ stdin: "csv", badMessages: "learn" }, "pass or stop for --bad-messages"],
])("refuses %j", (words, sentence) => {
  expect(() => readFollowOptions(words)).toThrow(sentence);
});

it.each(["0items", "items", "5", "1.5items", "-3s", "every 3s"])(
  "refuses %s for --every",
  (text) => {
    expect(() => parseEvery(text)).toThrow("--every");
  },
);

it("describes every option that it reads", () => {
  const described = followOptions.map(({ flags }) =>
    flags
      .split(" ")[0]!
      .slice(2)
      .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const known = {
    ...{ nats: 0, items: 0, labels: 0, predictions: 0, gaps: 0, stdin: 0, afterRestart: 0 },
    ...{ csvHeader: 0, csvLabel: 0, csvId: 0, csvDelimiter: 0, every: 0, badMessages: 0 },
  } satisfies Record<keyof FollowWords, number>;
  expect(described.sort()).toEqual(Object.keys(known).sort());
});
