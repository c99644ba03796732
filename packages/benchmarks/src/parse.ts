import { type NamedBudget, namedBudgets } from "@ferret-ocl/planner";
import { InputError, nearestName } from "./errors.js";
import { expectAtMost, expectInterval } from "./limits.js";
import type { Options, SettingChange } from "./setting.js";

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Reads `40MiB`, `512 KiB`, `1000000` (bytes) or a named budget. */
export function parseBudget(text: string, option = "--memory-budget"): number | NamedBudget {
  const name = namedBudgets.find((known) => known === text.toLowerCase());
  if (name) return name;
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text);
  const unit = match?.[2] || "B";
  const bytes = Object.hasOwn(byteUnits, unit)
    ? Math.floor(Number(match?.[1]) * (byteUnits[unit] as number))
    : Number.NaN;
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  const nearest = nearestName(text, namedBudgets);
  throw new InputError(
    `Expected a size such as 40MiB or one of ${namedBudgets.join(", ")} for ${option} but ` +
      `received "${text}"; ` +
      (nearest ? `did you mean "${nearest}"?` : `units are ${Object.keys(byteUnits).join(", ")}`),
  );
}

const timeUnits: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 };

/** Reads `5ms`, `200us`, `1.5s` into milliseconds. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|ms|s)$/.exec(text);
  const duration = Number(match?.[1]) * (timeUnits[match?.[2] ?? ""] ?? Number.NaN);
  if (!(duration > 0))
    throw new InputError(
      `Expected a duration such as 5ms, 200us or 1s for ${option} but received "${text}"; write a ` +
        `number above 0 and ${Object.keys(timeUnits).join(", ")}`,
    );
  expectInterval(duration, option, text);
  return duration;
}

const changing = ["memory-budget", "arrival", "compute-units"] as const;

/**
 * Reads `300:memory-budget=20MiB,arrival=2ms,compute-units=1`: from item 300 on, what follows the
 * colon.
 */
export function parseChange(text: string): SettingChange {
  const refuse = (remedy = "write the item, a colon and what changes from then on") =>
    new InputError(
      "Expected an item and what changes there, such as 300:memory-budget=20MiB,arrival=2ms or " +
        `300:compute-units=1, for --change but received "${text}"; ${remedy}`,
    );
  const [at, settings, ...rest] = text.split(":");
  if (!settings || rest.length > 0) throw refuse();
  let change: SettingChange = { at: parseCount(at as string, "the item of --change") };
  for (const setting of settings.split(",")) {
    const [name, value, ...more] = setting.split("=");
    if (!value || more.length > 0) throw refuse();
    if (name === "memory-budget")
      change = { ...change, memoryBudget: parseBudget(value, "memory-budget of --change") };
    else if (name === "arrival")
      change = { ...change, arrivalInterval: parseDuration(value, "arrival of --change") };
    else if (name === "compute-units")
      change = { ...change, computeUnits: parseCount(value, "compute-units of --change") };
    else throw refuse(`what can change is ${changing.join(", ")}, not ${name}`);
  }
  return change;
}

/** Reads a positive number; `whole` asks for an integer. */
export function parseCount(
  text: string,
  option: string,
  { whole = true, zero = false }: { whole?: boolean; zero?: boolean } = {},
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!fits || value < 0 || (value === 0 && !zero))
    throw new InputError(
      `Expected a ${zero ? "non-negative" : "positive"} ${whole ? "integer" : "number"} for ` +
        `${option} but received "${text}"`,
    );
  expectAtMost(value, option, text);
  return value;
}

/** Reads `replay=32,buffer=ring` into `{ replay: 32, buffer: "ring" }`. */
export function parseOptions(text: string, option: string): Options {
  const entries = text.split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, value] = entry.split("=").map((part) => part.trim());
      if (!name || !value || entry.split("=").length !== 2)
        throw new InputError(
          `Expected settings such as replay=32,buffer=ring for ${option} but received "${text}"`,
        );
      if (value === "true" || value === "false") return [name, value === "true"];
      return [name, Number.isFinite(Number(value)) ? Number(value) : value];
    }),
  );
}

/** One of the known names, or an error with the nearest one. */
export function parseName<T extends string>(text: string, option: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  const nearest = nearestName(text, known);
  throw new InputError(
    `Expected one of ${known.join(", ")} for ${option} but received "${text}"` +
      (nearest ? `; did you mean "${nearest}"?` : ""),
  );
}
