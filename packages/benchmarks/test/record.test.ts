import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecords, writeRecords } from "../src/record.js";
import { inputError, workplace } from "./datasets-encode.js";
import { record } from "./samples.js";

const { folder, write } = workplace();

describe("records", () => {
  it("come back as they were written, one line each", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
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
        writeRecords(folder, records);
        const text = readFileSync(join(folder, "results.ndjson"), "utf8");
        expect(text.split("\n").length).toBe(records.length + 1);
        expect(parseRecords(text, "results.ndjson")).toEqual(records);
      }),
      { numRuns: 50 },
    );
  });

  it("leave nothing beside the file that they are written to", () => {
    write("alone/.keep", "");
    writeRecords(join(folder, "alone"), [record()]);
    expect(readdirSync(join(folder, "alone")).sort()).toEqual([".keep", "results.ndjson"]);
  });

  it.each([
    ["no JSON", "{", /line 3 of some\.ndjson but it is no JSON/],
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
      "a curve whose parts differ in length",
      JSON.stringify({ ...record(), curve: { ...record().curve, oacc: [] } }),
      /line 3 of some\.ndjson but curve is wrong/,
    ],
  ])("name the line of %s, empty lines counted", (_, line, message) => {
    const text = `${JSON.stringify(record())}\n\n${line}\n`;
    expect(inputError(() => parseRecords(text, "some.ndjson"))).toMatch(message);
  });

  it("are refused where a number is none, and the old file stays", () => {
    write("kept/results.ndjson", "old\n");
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() =>
        writeRecords(join(folder, "kept"), [record(), record({ oacc: wrong, seed: 7 })]),
      ).toThrow("Expected a well-formed record of Ferret M+, seed 7, but oacc is wrong");
    expect(readFileSync(join(folder, "kept/results.ndjson"), "utf8")).toBe("old\n");
    expect(readdirSync(join(folder, "kept"))).toEqual(["results.ndjson"]);
  });

  it("are an input error where they cannot be written", () => {
    expect(inputError(() => writeRecords(join(folder, "missing"), [record()]))).toMatch(
      /^Expected to be able to write .*results\.ndjson but got ENOENT; choose another folder$/,
    );
  });
});
