import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecords } from "../src/record.js";
import { ResultFolder } from "../src/results.js";
import { inputError, workplace } from "./datasets-encode.js";
import { record } from "./samples.js";

const { folder, write } = workplace();

let trials = 0;

describe("records", () => {
  it("are read of older programs, which called the engine on threads realtime", () => {
    const threads = { count: 2, mostLate: 1.5, actions: 40, mathTime: 9, schedulingTime: 3 };
    const now = record({ engine: "threads", threads });
    const { threads: _, ...rest } = now;
    const { count, ...figures } = threads;
    const then = { ...rest, engine: "realtime", realtime: { threads: count, ...figures } };
    expect(parseRecords(JSON.stringify(then), "a file")).toEqual([now]);
    const virtual = { ...record({}), realtime: null };
    expect(parseRecords(JSON.stringify(virtual), "a file")).toEqual([record({})]);
  });

  it("come back as they were written, one line each", () => {
    const number = fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0);
    const percentage = fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0);
    const atMostOne = fc.double({ min: -1000, max: 1, noNaN: true }).map((value) => value + 0);
    const anyRecord = fc
      .record({
        label: fc.string({ unit: "binary" }),
        seed: fc.nat(),
        oacc: number,
        tacc: fc.option(number),
        agreement: fc.option(
          fc.record({
            majority: percentage,
            noChange: percentage,
            kappa: fc.option(atMostOne),
            kappaTemporal: atMostOne,
          }),
        ),
        gitRevision: fc.option(fc.string()),
      })
      .map(record);
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 4 }), (records) => {
        const place = join(folder, `${trials++}`);
        const kept = new ResultFolder(place);
        for (const each of records) kept.add(each);
        expect(kept.records()).toEqual(records);
        if (records.length === 0) return;
        const text = readFileSync(join(place, "results.ndjson"), "utf8");
        expect(text.split("\n").length).toBe(records.length + 1);
        expect(parseRecords(text, "results.ndjson")).toEqual(records);
      }),
      { numRuns: 50 },
    );
  });

  it("leave nothing beside the file that they are written to", () => {
    write("alone/.keep", "");
    new ResultFolder(join(folder, "alone")).add(record());
    expect(readdirSync(join(folder, "alone")).sort()).toEqual([".keep", "results.ndjson"]);
  });

  it.each([
    ["no JSON", "{", /line 3 of some\.ndjson but it is not JSON/],
    ["a record of another version", '{"version":2}', /line 3 of some\.ndjson but version is wrong/],
    [
      "a field that is missing",
      JSON.stringify({ ...record(), oacc: undefined }),
      /line 3 of some\.ndjson but oacc is wrong/,
    ],
    [
      "a field of another type, deep inside",
      JSON.stringify({ ...record(), memory: { ...record().memory, peak: "1" } }),
      /line 3 of some\.ndjson but memory\.peak is wrong/,
    ],
    [
      "an accuracy that is none",
      JSON.stringify({ ...record(), oacc: 100.5 }),
      /line 3 of some\.ndjson but oacc is wrong/,
    ],
    [
      "a test accuracy below zero",
      JSON.stringify({ ...record(), tacc: -1 }),
      /line 3 of some\.ndjson but tacc is wrong/,
    ],
    [
      "a point of the curve that is no accuracy",
      JSON.stringify({ ...record(), curve: { ...record().curve, oacc: [50, 1e9] } }),
      /line 3 of some\.ndjson but curve\.oacc\.1 is wrong/,
    ],
    [
      "more items learned than there were",
      JSON.stringify({ ...record(), learned: 500 }),
      /line 3 of some\.ndjson but items is wrong/,
    ],
    [
      "a curve whose parts differ in length",
      JSON.stringify({ ...record(), curve: { ...record().curve, oacc: [] } }),
      /line 3 of some\.ndjson but curve is wrong/,
    ],
  ])("name the line of %s, empty lines counted", (_, line, message) => {
    const text = `${JSON.stringify(record())}\n\n${line}\n`;
    expect(inputError(() => parseRecords(text, "some.ndjson"))).toMatch(message);
  });

  it("are refused where a number is none, and the old ones stay", () => {
    const kept = new ResultFolder(join(folder, "kept"));
    kept.add(record());
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => kept.add(record({ oacc: wrong, seed: 7 }))).toThrow(
        "Expected a well-formed record of Ferret M+, seed 7, but oacc is wrong",
      );
    expect(kept.records()).toEqual([record()]);
    expect(readdirSync(join(folder, "kept"))).toEqual(["results.ndjson"]);
  });

  it("are left out, told and kept in the file where they were written by half", () => {
    const text = `${JSON.stringify(record())}\n{"version":1,"sett\n${JSON.stringify(record({ seed: 1 }))}`;
    const told: string[] = [];
    const records = parseRecords(text, "some.ndjson", (sentence) => told.push(sentence));
    expect(records.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(told).toEqual([expect.stringMatching(/^line 2 of some\.ndjson was only half written/)]);
  });
});
