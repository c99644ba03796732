import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBudget, parseChange, parseCount, parseDuration, parseName } from "../src/parse.js";
import { inputError } from "./datasets-encode.js";

describe("a memory budget", () => {
  it.each([
    ["1000", 1_000],
    ["1 B", 1],
    ["2kB", 2_000],
    ["3MB", 3_000_000],
    ["1.5GB", 1_500_000_000],
    ["512 KiB", 524_288],
    ["40MiB", 41_943_040],
    ["0.5GiB", 536_870_912],
    ["min", "min"],
    ["2BW", "2bw"],
    ["None", "none"],
  ])("%s is %s", (text, budget) => {
    expect(parseBudget(text)).toBe(budget);
  });

  it.each(["0", "0.4", "-1", "1e3", "40M", "40mib", "", "5constructor", "9".repeat(400)])(
    'refuses "%s" and names the units',
    (text) => {
      expect(inputError(() => parseBudget(text))).toMatch(
        /^Expected a size such as 40MiB or one of min, 2bw, none for --memory-budget .*units are B, kB, MB, GB, KiB, MiB, GiB$/,
      );
    },
  );

  it("tells the nearest name", () => {
    expect(inputError(() => parseBudget("mni"))).toMatch(/received "mni"; did you mean "min"\?$/);
    expect(inputError(() => parseBudget("nome"))).toMatch(/did you mean "none"\?$/);
  });

  it("is a whole positive number of bytes, a name, or refused, whatever is written", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^[0-9]{1,20}(\.[0-9]{1,3})? ?[a-zA-Z]{0,3}$/),
          fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype)).map((key) => `5${key}`),
        ),
        (text) => {
          let budget: number | string;
          try {
            budget = parseBudget(text);
          } catch (error) {
            expect(error).toHaveProperty("code", "FERRET_INPUT");
            return;
          }
          if (typeof budget === "number")
            expect(Number.isSafeInteger(budget) && budget > 0).toBe(true);
          else expect(["min", "2bw", "none"]).toContain(budget);
        },
      ),
    );
  });
});

describe("a duration", () => {
  it.each([
    ["5ms", 5],
    ["200us", 0.2],
    ["1.5s", 1_500],
    ["250 ns", 0.000_25],
  ])("%s is %d ms", (text, milliseconds) => {
    expect(parseDuration(text, "--arrival")).toBeCloseTo(milliseconds, 12);
  });

  it.each(["5", "0ms", "-5ms", "5 min", "ms", "", "1e3ms"])('refuses "%s"', (text) => {
    expect(inputError(() => parseDuration(text, "--arrival"))).toBe(
      `Expected a duration such as 5ms, 200us or 1s for --arrival but received "${text}"; write a ` +
        "number above 0 and ns, us, ms, s",
    );
  });
});

describe("a count", () => {
  it("is a positive integer, or as the option asks: zero, a fraction", () => {
    expect(parseCount("16", "--batch")).toBe(16);
    expect(parseCount("0", "--seed", { zero: true })).toBe(0);
    expect(parseCount("0.05", "--lr", { whole: false })).toBe(0.05);
  });

  it.each(["0", "-1", "1.5", "NaN", "Infinity", "", " ", "ten", "9007199254740993"])(
    'refuses "%s"',
    (text) => {
      expect(inputError(() => parseCount(text, "--items"))).toBe(
        `Expected a positive integer for --items but received "${text}"`,
      );
    },
  );

  it("says what it allows", () => {
    expect(inputError(() => parseCount("-1", "--seed", { zero: true }))).toMatch(
      /^Expected a non-negative integer for --seed/,
    );
    expect(inputError(() => parseCount("0", "--lr", { whole: false }))).toMatch(
      /^Expected a positive number for --lr/,
    );
  });
});

describe("a name", () => {
  const known = ["oracle", "1-skip", "ferret"] as const;

  it("is one of the known ones, to the letter", () => {
    for (const name of known) expect(parseName(name, "--method", known)).toBe(name);
  });

  it("brings the nearest known one when it is misspelt", () => {
    expect(inputError(() => parseName("Ferrets", "--method", known))).toBe(
      'Expected one of oracle, 1-skip, ferret for --method but received "Ferrets"; did you mean "ferret"?',
    );
    expect(inputError(() => parseName("toString", "--method", known))).toMatch(/"toString"$/);
  });
});

describe("a change of plans", () => {
  it.each([
    ["300:memory-budget=20MiB", { at: 300, memoryBudget: 20_971_520 }],
    ["7:arrival=2ms", { at: 7, arrivalInterval: 2 }],
    ["9:compute-units=2", { at: 9, computeUnits: 2 }],
    ["1:memory-budget=min,arrival=1s", { at: 1, memoryBudget: "min", arrivalInterval: 1000 }],
  ])("%s is %j", (text, change) => {
    expect(parseChange(text)).toEqual(change);
  });

  it.each([
    ["30:compute-units=0", /for compute-units of --change but received "0"/],
    ["0:memory-budget=1MiB", /for the item of --change but received "0"/],
    ["30:memory-budget=0", /for memory-budget of --change but received "0"/],
    ["30:arrival=0ms", /for arrival of --change but received "0ms"/],
    ["30:compute-units=65537", /at most 65536 for compute-units of --change but received "65537"/],
  ])("names the part of %s that is wrong", (text, message) => {
    expect(inputError(() => parseChange(text))).toMatch(message);
  });

  it.each(["300", "300:", "300:memory=1MiB", "300:arrival", "1:2:arrival=1ms", "1:arrival=1ms=2"])(
    'refuses "%s" with an example',
    (text) => {
      expect(inputError(() => parseChange(text))).toMatch(
        /such as 300:memory-budget=20MiB,arrival=2ms or 300:compute-units=1, for --change but received/,
      );
    },
  );
});
