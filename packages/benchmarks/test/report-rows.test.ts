// Runs of different learners are no seeds of one: rows of a report tell them apart and say in what.
import { describe, expect, it } from "vitest";
import { parseRecord, type ResultRecord } from "../src/record.js";
import { recordStart } from "../src/record-start.js";
import { renderReport } from "../src/report/html.js";
import { repeats } from "../src/report/repeats.js";
import { tableRows } from "../src/report/table.js";
import { describeSetting } from "../src/report/words.js";
import { record } from "./samples.js";

const started = (path: string, sha256: string) => ({ startedFrom: { path, sha256, metBefore: 0 } });
const workers = [{ recompute: true, accumulate: [1, 1], omit: [0, 0] }];

describe("runs of one label and seed", () => {
  it.each<[string, Partial<ResultRecord>, Partial<ResultRecord>, string, string]>([
    [
      "settings of the algorithm",
      { algorithmOptions: { replay: 8 } },
      { algorithmOptions: { replay: 32, buffer: "ring" } },
      "replay=8",
      "buffer=ring,replay=32",
    ],
    ["weights", {}, started("out/trained", "0123456789ab"), "drawn", "from trained 012345"],
    [
      "weights of one name",
      started("a/trained", "0123456789ab"),
      started("b/trained", "ffff56789ab0"),
      "from trained 012345",
      "from trained ffff56",
    ],
    [
      "a partition by hand",
      {},
      { givenPlan: { partition: [0, 1], workers: null } },
      "partition searched",
      "partition 0,1",
    ],
    ["compute units", { computeUnits: 2 }, {}, "units 2", "units unlimited"],
    [
      "speeds of units",
      { computeUnits: 2 },
      { computeUnits: 2, unitSpeeds: [1, 0.5] },
      "speeds 1",
      "speeds 1,0.5",
    ],
    ["the runtime", {}, { runtime: "tfjs" }, "native", "tfjs"],
  ])("that differ in %s are rows of their own", (_, one, other, first, second) => {
    const both = [record({ oacc: 60, ...one }), record({ oacc: 70, ...other })];
    const rows = tableRows(both)
      .slice(1)
      .map((row) => row.slice(0, 2));
    expect(rows).toEqual([
      [`Ferret M+ (${first})`, "60.00"],
      [`Ferret M+ (${second})`, "70.00"],
    ]);
    expect(repeats(both)).toEqual([]);
  });

  it("that differ in given workers alone are told apart too", () => {
    const given = (recompute: boolean) =>
      record({
        givenPlan: { partition: [0, 2], workers: workers.map((each) => ({ ...each, recompute })) },
      });
    expect(new Set(tableRows([given(true), given(false)]).map(([label]) => label)).size).toBe(3);
  });

  it("that differ in the items that given workers may have in flight are told apart too", () => {
    const given = (inFlight: number[]) =>
      record({ givenPlan: { partition: [0, 2], workers: [...workers], inFlight } });
    const labels = tableRows([given([8, 2]), given([9, 3])]).map(([label]) => label);
    expect(new Set(labels).size).toBe(3);
  });

  it("are compared with the 1-Skip that began where they did", () => {
    const skip = { method: "1-skip", label: "1-Skip", plan: null } as const;
    const from = started("trained", "0123456789ab");
    const rows = tableRows([
      record({ oacc: 60 }),
      record({ ...skip, oacc: 50 }),
      record({ ...from, oacc: 90 }),
      record({ ...skip, ...from, oacc: 85 }),
    ]);
    expect(rows.map((row) => row[8])).toEqual(["agm", "10.00", "0.00", "5.00", "0.00"]);
  });
});

describe("the head of a page", () => {
  it("describes all runs, not only the first", () => {
    const all = [
      record({ seed: 3, algorithm: "er", algorithmOptions: { replay: 8 } }),
      record({ seed: 1, items: 8, runtime: "tfjs", ...started("trained", "0123456789ab") }),
    ];
    const line = describeSetting(all);
    for (const words of [
      "4 items of 4 in iid order or 8 items of 4 in iid order",
      "algorithm er with replay=8 or algorithm vanilla",
      "started from drawn weights or started from trained (sha256 0123456789ab)",
      "seeds 1, 3",
      "runtime native or tfjs",
    ])
      expect(line).toContain(words);
    const page = renderReport(all, { title: "x" });
    expect(page).toContain("runtime native, kernels cpu, clock from model times or runtime tfjs");
    expect(describeSetting([record()])).not.toContain("begun");
  });
});

describe("the record", () => {
  it("holds what a run began with, told by its parameters", () => {
    const begin = { model: "trained", weights: undefined };
    expect(recordStart(begin, undefined)).toBeNull();
    // sha256sum of four zero bytes.
    expect(recordStart(begin, new Float32Array(1))).toEqual({
      path: "trained",
      sha256: "df3f619804a9",
    });
    expect(recordStart({ ...begin, weights: "w" }, new Float32Array([1]))?.path).toBe("w");
  });

  it("is read without what older ones lack", () => {
    const { algorithmOptions, startedFrom, givenPlan, ...older } = record();
    expect(parseRecord(older)).toMatchObject({
      algorithmOptions: null,
      startedFrom: null,
      givenPlan: null,
    });
  });
});
