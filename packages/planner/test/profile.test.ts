import { describe, expect, it } from "vitest";
import { InputError, parseProfile, profileWarnings } from "../src/index.js";
import { profileOf } from "./profiles.js";

const good = profileOf([{}, {}]);

describe("parseProfile", () => {
  it("returns what JSON carried", () => {
    expect(parseProfile(JSON.parse(JSON.stringify({ ...good, machine: "laptop" })))).toEqual({
      ...good,
      machine: "laptop",
    });
  });

  it("returns what a backward pass in two costs, where it is told", () => {
    const layer = { backwardInputTime: 0.5, backwardWeightsTime: 1, pendingBytes: 64 };
    const told = profileOf([{ ...layer, pendingInputBytes: 128 }, {}]);
    expect(parseProfile(JSON.parse(JSON.stringify(told)))).toEqual(told);
  });

  const layer = (change: object) => ({
    ...good,
    layers: [good.layers[0], { ...good.layers[1], ...change }],
  });
  it.each([
    [
      "an unknown field",
      { ...good, learnbatch: 3 },
      'a field of profile but received "learnbatch"',
    ],
    [
      "an unknown field of a layer",
      layer({ scratchByte: 3 }),
      'a field of profile.layers[1] but received "scratchByte"',
    ],
    ["no object", null, "an object for profile but received null of type null"],
    ["an array", [], "an object for profile"],
    [
      "a future version",
      { ...good, version: 2 },
      "1 for profile.version but received 2 of type number",
    ],
    ["no version", { ...good, version: undefined }, "profile.version"],
    ["no layers", { ...good, layers: [] }, "at least one layer for profile.layers"],
    ["layers of another type", { ...good, layers: "many" }, "an array for profile.layers"],
    [
      "a negative time",
      layer({ forwardTime: -1 }),
      "profile.layers[1].forwardTime but received -1",
    ],
    ["an infinite time", layer({ backwardTime: Infinity }), "profile.layers[1].backwardTime"],
    [
      "a time that is no number",
      layer({ backwardTime: Number.NaN }),
      "profile.layers[1].backwardTime",
    ],
    ["a time as text", layer({ forwardTime: "3" }), 'received "3" of type string'],
    ["negative bytes", layer({ parameterBytes: -4 }), "profile.layers[1].parameterBytes"],
    [
      "half a byte",
      layer({ innerBytes: 0.5 }),
      "a whole number of at least 0 for profile.layers[1].innerBytes",
    ],
    [
      "missing bytes",
      layer({ outputBytes: undefined }),
      "profile.layers[1].outputBytes but received undefined",
    ],
    ["a nameless layer", layer({ name: 7 }), "profile.layers[1].name"],
    ["an unknown timing", { ...good, timing: "guess" }, '"model" or "measured" for profile.timing'],
    ["an empty batch", { ...good, batch: 0 }, "a whole number of at least 1 for profile.batch"],
    ["no sequential time", { ...good, sequentialTime: 0 }, "profile.sequentialTime"],
    ["a machine that is no text", { ...good, machine: 5 }, "profile.machine"],
    ["no parameters", profileOf([{ parameterBytes: 0 }]), "a layer with parameters"],
    [
      "no time at all",
      { ...profileOf([{ forwardTime: 0, backwardTime: 0 }]), sequentialTime: 1 },
      "a layer that takes time",
    ],
  ])("names the field: %s", (_, value, message) => {
    expect(() => parseProfile(value)).toThrow(InputError);
    expect(() => parseProfile(value)).toThrow(message);
  });
});

describe("profileWarnings", () => {
  it("speak where times were measured elsewhere, and only then", () => {
    const modelled = profileOf([{}]);
    const measured = { ...modelled, timing: "measured" as const };
    expect(profileWarnings(modelled, "here")).toEqual([]);
    expect(profileWarnings({ ...measured, machine: "here" }, "here")).toEqual([]);
    expect(profileWarnings({ ...measured, machine: "there" }, "here")).toEqual([
      expect.stringContaining("measured on there, this is here"),
    ]);
    expect(profileWarnings(measured, "here")[0]).toContain("an unnamed machine");
  });
});
