import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expectEffect } from "../src/commands/applies.js";
import { readSetting } from "../src/commands/options.js";
import { methodNames, methods } from "../src/methods/registry.js";
import { ferret } from "./command.js";

const options = {
  dataset: "glyphs",
  model: "mlp",
  algorithm: "vanilla",
  compensation: "none",
  pressure: "8",
  items: "5",
  batch: "4",
  lr: "0.05",
  order: "iid",
  labelDelay: "0",
  seed: "0",
};

/** What `ferret run` does with its options: those that would have no effect are refused first. */
function read(given: object, changes: string[] = []) {
  const all = { ...options, method: "ferret", engine: "virtual", ...given };
  const asked = changes.length > 0 ? { ...given, change: changes } : given;
  expectEffect({ command: "run", given: { ...asked }, all, words: [] });
  return readSetting(all, changes);
}

describe("the methods", () => {
  it("stand in the help and in the README, each with what it does", async () => {
    const { stdout } = await ferret(["run", "--help"]);
    const lines = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = [...readme.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, ...row]) => row);
    for (const name of methodNames) {
      expect(lines).toContainEqual([name, methods[name].summary]);
      expect(listed).toContainEqual([name, methods[name].summary]);
    }
  });

  it("are all taken for --method, and what is none is told all of them", () => {
    for (const method of methodNames)
      expect(readSetting({ ...options, method }).method).toBe(method);
    expect(() => readSetting({ ...options, method: "1-skp" })).toThrow(
      `Expected one of ${methodNames.join(", ")} for --method but received "1-skp"; ` +
        'did you mean "1-skip"?',
    );
  });

  it.each(methodNames)("%s: changes only where it learns by a plan", (method) => {
    const attempt = () => read({ method }, ["3:arrival=2ms"]);
    if (methods[method].isPlanned) expect(attempt()).toMatchObject({ method });
    else
      expect(attempt).toThrow(
        `Expected ferret for --method with --change but received "${method}"; ` +
          "learners without a plan have none to change",
      );
  });

  it.each(methodNames)("%s: on threads too", (method) => {
    const read = readSetting({ ...options, method, engine: "threads" });
    expect(read).toMatchObject({ method, engine: "threads", timing: "measured" });
  });
});

describe("compute units", () => {
  it("are a count, or a list of speeds, or none", () => {
    expect(read({}).units).toEqual({});
    expect(read({ computeUnits: "3" }).units).toEqual({ computeUnits: 3 });
    expect(read({ unitSpeeds: "1,0.5" }).units).toEqual({ unitSpeeds: [1, 0.5] });
    expect(read({ computeUnits: "2", unitSpeeds: "1,0.5" }).units.unitSpeeds).toEqual([1, 0.5]);
  });

  it("that do not agree, or that nothing shares out, are refused", () => {
    expect(() => read({ computeUnits: "3", unitSpeeds: "1,0.5" })).toThrow(
      'Expected 3 speeds, one per compute unit, for --unit-speeds but received "1,0.5"; ' +
        "leave --compute-units out, or list one speed for each",
    );
    expect(() => read({ unitSpeeds: "1,0" })).toThrow(/for --unit-speeds but received "0"/);
    expect(() => read({ method: "oracle", computeUnits: "2" })).toThrow(
      /^Expected ferret for --method with --compute-units but received "oracle"/,
    );
    expect(() => read({ engine: "threads", unitSpeeds: "1" })).toThrow(
      /^Expected --engine virtual with --unit-speeds but received threads/,
    );
  });
});
