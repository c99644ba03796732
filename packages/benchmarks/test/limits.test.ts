import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSeeds } from "../src/commands/experiment-parts.js";
import { readGivenPlan } from "../src/commands/given-plan.js";
import { givenFor } from "../src/given-plan.js";
import { expectRoom } from "../src/limits.js";
import { loadMachinery } from "../src/machinery.js";
import { parseCount, parseDuration } from "../src/parse.js";
import { inputError, inputErrorOf } from "./datasets-encode.js";
import { shortRun } from "./runs.js";
import { setting } from "./samples.js";

describe("limits", () => {
  it.each([
    ["--threads", "10000"],
    ["--seeds", "1e9"],
    ["--items", "9007199254740991"],
    ["--batch", "1000000"],
    ["--stages", "1000000"],
    ["--microbatches", "1000000"],
    ["--staleness", "1000000000"],
    ["--seed", "4294967296"],
    ["--pressures", "1e300"],
    ["--compute-units", "1e9"],
  ])("of %s are below %s, and the sentence names the most", (option, text) => {
    expect(inputError(() => parseCount(text, option, { whole: !text.includes("300") }))).toMatch(
      new RegExp(`^Expected at most \\d+ for ${option} but received "${text}"$`),
    );
  });

  it("leave the largest seed, and refuse to count on from there", () => {
    expect(parseCount("4294967295", "--seed", { zero: true })).toBe(2 ** 32 - 1);
    expect(readSeeds("2", 2 ** 32 - 2)).toEqual([2 ** 32 - 2, 2 ** 32 - 1]);
    expect(inputError(() => readSeeds("3", 2 ** 32 - 2))).toMatch(/at most 4294967295 for --seed/);
  });

  it("of a pace are a day", () => {
    expect(parseDuration("86400s", "--arrival")).toBe(86_400_000);
    expect(inputError(() => parseDuration("86401s", "--arrival"))).toMatch(/at most one day/);
  });

  it("of memory are the machine's", async () => {
    expectRoom(1, "the run", "ask for less");
    expect(inputError(() => expectRoom(1 + totalmem(), "the run", "ask for less"))).toMatch(
      /^Expected the run to fit into the .* GiB of this machine's memory but it takes .*; ask for less$/,
    );
    const machinery = await loadMachinery();
    const greedy = { algorithm: "er", algorithmOptions: { capacity: 1e9 } };
    expect(await inputErrorOf(shortRun(setting(greedy), machinery))).toMatch(
      /^Expected what the algorithm keeps to fit .*; ask for less in --algorithm-options$/,
    );
  });
});

describe("workers that are given", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferret-workers-"));
  const file = (name: string, value: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const workers = [{ recompute: false, accumulate: [1, 1], omit: [0, 0] }];

  it("are a list, or those of a plan for the same partition", () => {
    for (const given of [
      JSON.stringify(workers),
      file("list.json", workers),
      file("bare.json", { workers }),
      file("plan.json", { partition: [0, 2], workers }),
    ])
      expect(readGivenPlan({ partition: "0,2", workers: given })).toEqual({
        partition: [0, 2],
        workers,
      });
  });

  it.each([
    [
      "without any",
      { layers: [] },
      /a plan with "workers", for --workers but the file .* has none/,
    ],
    ["that are no list", { workers: 3 }, /Expected a list for workers but .* holds 3/],
    [
      "for another partition",
      { partition: [0, 1], workers },
      /workers for the partition 0,2 for --workers but those of .* are for \[0,1\]/,
    ],
    ["that are a number", 7, /has none; list workers as a plan does$/],
  ])("are refused from a file %s", (name, value, message) => {
    const given = file(`${name.replaceAll(" ", "-")}.json`, value);
    expect(inputError(() => readGivenPlan({ partition: "0,2", workers: given }))).toMatch(message);
  });

  it("are read from JSON with a byte order mark", () => {
    const text = `\uFEFF${JSON.stringify(workers)}`;
    const path = join(folder, "marked.json");
    writeFileSync(path, text);
    expect(readGivenPlan({ partition: "0,2", workers: path }).workers).toEqual(workers);
  });

  it("of a plan for another model are refused", () => {
    const text = JSON.stringify({ model: "big", partition: [0, 2], workers });
    const given = readGivenPlan({ partition: "0,2", workers: text });
    expect(givenFor({ model: "big" }, given)).toEqual({ partition: [0, 2], workers });
    expect(inputError(() => givenFor({ model: "small" }, given))).toBe(
      "Expected workers that were planned for the model small for --workers but received those " +
        "for big; plan this model, or give its plan",
    );
  });
});
