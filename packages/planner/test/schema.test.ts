import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type GivenProfile,
  leastMemory,
  parsePlan,
  parseProfile,
  plan,
  slots,
} from "../src/index.js";
import { profileOf } from "./profiles.js";

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Record<string, Schema>;
  readonly type?: string | string[];
  readonly const?: unknown;
  readonly enum?: unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly default?: unknown;
}

const read = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../schema/${name}.schema.json`, import.meta.url), "utf8"),
  ) as Schema;

function typeOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

/** The part of JSON Schema that ours use: paths of what is wrong. */
function faults(value: unknown, schema: Schema, root: Schema, at = ""): string[] {
  if (schema.$ref) {
    const name = schema.$ref.replace("#/$defs/", "");
    return faults(value, root.$defs?.[name] as Schema, root, at);
  }
  const types = schema.type === undefined ? typeOf(value) : [schema.type].flat();
  if (!typeOf(value).some((type) => types.includes(type))) return [at];
  const found: string[] = [];
  if (schema.const !== undefined && schema.const !== value) found.push(at);
  if (schema.enum && !schema.enum.includes(value)) found.push(at);
  if (typeof value === "number") {
    if (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)) found.push(at);
    if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) found.push(at);
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) found.push(at);
    for (const [index, item] of value.entries())
      found.push(...faults(item, schema.items ?? {}, root, `${at}[${index}]`));
  } else if (typeof value === "object" && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const name of schema.required ?? []) if (!(name in fields)) found.push(`${at}.${name}`);
    for (const [name, item] of Object.entries(fields)) {
      const own = schema.properties?.[name];
      found.push(...(own ? faults(item, own, root, `${at}.${name}`) : [`${at}.${name}`]));
    }
  }
  return found;
}

const split = {
  backwardInputTime: 0.75,
  backwardWeightsTime: 1.5,
  pendingBytes: 128,
  pendingInputBytes: 64,
};
const profile = profileOf([split, { cuttable: false }, { startsStage: true }]);
const request = { profile, arrivalInterval: 1 };

describe("the JSON Schemas", () => {
  it("hold for what the planner reads and writes, and name every field", () => {
    const profiles = read("profile");
    const plans = read("plan");
    expect(faults(profile, profiles, profiles)).toEqual([]);
    expect(faults({ ...profile, machine: "m" }, profiles, profiles)).toEqual([]);
    const least = leastMemory(request);
    for (const found of [
      least,
      plan({ ...request, memoryBudget: null }),
      plan({ ...request, memoryBudget: least.memory.total, strategy: "greedy" }),
      plan({ ...request, memoryBudget: null, computeUnits: 1 }),
      plan({ ...request, memoryBudget: null, objective: "progress" }),
    ]) {
      expect(faults(found, plans, plans)).toEqual([]);
      const written = { ...found, slots: slots(found.partition, found.workers, found.inFlight) };
      expect(faults(written, plans, plans)).toEqual([]);
    }
  });

  it("ask for the fields that the parser asks for, and tell its defaults", () => {
    const given: GivenProfile = {
      version: 1,
      batch: 4,
      inputBytes: 32,
      layers: [{ forwardTime: 1, backwardTime: 2, parameterBytes: 8, outputBytes: 16 }],
    };
    const profiles = read("profile");
    const layers = profiles.$defs?.layer as Schema;
    const [layer] = given.layers;
    expect(faults(given, profiles, profiles)).toEqual([]);
    expect(profiles.required?.toSorted()).toEqual(Object.keys(given).toSorted());
    expect(layers.required?.toSorted()).toEqual(Object.keys(layer as object).toSorted());
    for (const field of Object.keys(given))
      expect(() => parseProfile({ ...given, [field]: undefined })).toThrow(`profile.${field}`);
    for (const field of Object.keys(layer as object)) {
      const wrong = { ...given, layers: [{ ...layer, [field]: undefined }] };
      expect(() => parseProfile(wrong)).toThrow(`profile.layers[0].${field}`);
    }
    const filled = parseProfile(given);
    const defaults = ({ properties = {} }: Schema) =>
      Object.fromEntries(
        Object.entries(properties).flatMap(([name, { default: usual }]) =>
          usual === undefined ? [] : [[name, usual]],
        ),
      );
    expect(filled).toMatchObject(defaults(profiles));
    const { cuttable, startsStage, ...amounts } = defaults(layers);
    expect({ cuttable, startsStage }).toEqual({ cuttable: true, startsStage: false });
    expect(filled.layers[0]).toMatchObject(amounts);
  });

  it("refuse what the parsers refuse", () => {
    const good = plan({ ...request, memoryBudget: null });
    const plans = read("plan");
    const profiles = read("profile");
    for (const change of [
      { version: 2 },
      { strategy: "luck" },
      { workers: [] },
      { arrivalInterval: 0 },
      { memoryBudget: 1.5 },
      { memory: { total: 1, byCategory: {} } },
      { stageForwardTime: -1 },
    ]) {
      const wrong = { ...good, ...change };
      expect(faults(wrong, plans, plans)).not.toEqual([]);
      expect(() => parsePlan(wrong)).toThrow();
    }
    for (const change of [
      { layers: [] },
      { batch: 0 },
      { timing: "guess" },
      { layers: [{ ...profile.layers[0], forwardTime: -1 }] },
      { layers: [{ ...profile.layers[0], forwardTime: Number.NaN }] },
      { layers: [{ ...profile.layers[0], backwardInputTime: -1 }] },
      { layers: [{ ...profile.layers[0], pendingBytes: 0.5 }] },
      { layers: [{ ...profile.layers[0], cuttable: "no" }] },
      { layers: [{ ...profile.layers[0], startsStage: 1 }] },
    ]) {
      const wrong = JSON.parse(JSON.stringify({ ...profile, ...change })) as unknown;
      expect(faults(wrong, profiles, profiles)).not.toEqual([]);
      expect(() => parseProfile(wrong)).toThrow();
      expect(() => parseProfile({ ...profile, ...change })).toThrow();
    }
  });
});
