import { expected } from "../errors.js";
import { type Activation, activations } from "./activation.js";
import { limits, requireAtMost } from "./limits.js";
import type { Pair } from "./shape.js";

type Config = Record<string, unknown>;

export function isRecord(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A positive integer field of a Keras configuration. */
export function readCount(config: Config, key: string, path: string): number {
  const value = config[key];
  if (!Number.isInteger(value) || (value as number) < 1)
    throw expected("positive integer", `${path}.${key}`, value);
  requireAtMost(limits.size, value as number, "values", `${path}.${key}`);
  return value as number;
}

/** One positive integer or a pair of them, as Keras accepts for windows and strides. */
export function readPair(config: Config, key: string, path: string, fallback?: Pair): Pair {
  const value = config[key] ?? fallback;
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2 || pair.some((size) => !Number.isInteger(size) || (size as number) < 1))
    throw expected("positive integer or a pair of them", `${path}.${key}`, value);
  requireAtMost(limits.size, Math.max(...(pair as number[])), "values", `${path}.${key}`);
  return [pair[0] as number, pair[1] as number];
}

/** Gaps in a window, which Keras lets be where it moves by one pixel at a time. */
export function readDilations(config: Config, strides: Pair, path: string): Pair {
  const dilations = readPair(config, "dilation_rate", path, [1, 1]);
  if (Math.max(...dilations) > 1 && Math.max(...strides) > 1)
    throw expected(
      "1 where strides are above 1",
      `${path}.dilation_rate`,
      config.dilation_rate,
      "set one of them to 1",
    );
  return dilations;
}

export function readPadding(config: Config, path: string): "valid" | "same" {
  const value = config.padding ?? "valid";
  if (value !== "valid" && value !== "same")
    throw expected('"valid" or "same"', `${path}.padding`, value);
  return value;
}

export function readActivation(config: Config, path: string): Activation {
  const value = config.activation ?? "linear";
  const known =
    typeof value === "string" && Object.hasOwn(activations, value) ? activations[value] : undefined;
  if (known === undefined)
    throw expected(
      `one of ${Object.keys(activations).join(", ")}`,
      `${path}.activation`,
      value,
      value === "softmax"
        ? "end the model with it: only there it is the loss's"
        : "choose one of them",
    );
  return known;
}

/** What an activation makes of values below 0 is this times as large. */
export function readSlope(config: Config, key: string, path: string, fallback: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== "number" || !(value >= 0 && value <= 1e6))
    throw expected("number from 0", `${path}.${key}`, value);
  return value;
}

/** A number from 0 to 1. */
export function readShare(config: Config, key: string, path: string, fallback: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== "number" || !(value >= 0 && value <= 1))
    throw expected("number from 0 to 1", `${path}.${key}`, value);
  return value;
}

/** Smallest normal float32: below it, an epsilon would count as 0, and a constant channel as NaN. */
const leastEpsilon = 2 ** -126;

/** What a normalisation adds to a variance. */
export function readEpsilon(config: Config, path: string): number {
  const value = config.epsilon ?? 1e-3;
  if (typeof value !== "number" || !(value >= leastEpsilon && value <= 1))
    throw expected("number above 0, up to 1,", `${path}.epsilon`, value);
  return value;
}

export function readFlag(config: Config, key: string, path: string, fallback: boolean): boolean {
  const value = config[key] ?? fallback;
  if (typeof value !== "boolean") throw expected("boolean", `${path}.${key}`, value);
  return value;
}

/** Rows above and below, columns left and right, in any of the ways that Keras writes them. */
export function readZeroPadding(config: Config, path: string): { before: Pair; after: Pair } {
  const value = config.padding ?? 1;
  const axes: unknown[] = Array.isArray(value) ? value : [value, value];
  const pairs = axes.map((axis): unknown[] => (Array.isArray(axis) ? axis : [axis, axis]));
  const isCount = (size: unknown) => Number.isInteger(size) && (size as number) >= 0;
  if (pairs.length !== 2 || pairs.some((pair) => pair.length !== 2 || !pair.every(isCount)))
    throw expected(
      "a whole number, [rows, columns] or [[above, below], [left, right]]",
      `${path}.padding`,
      value,
    );
  const [rows, columns] = pairs as unknown as [Pair, Pair];
  requireAtMost(limits.size, Math.max(...rows, ...columns), "values", `${path}.padding`);
  return { before: [rows[0], columns[0]], after: [rows[1], columns[1]] };
}

/** Rejects settings that we would otherwise ignore in silence, such as channels first. */
export function requireDefault(
  config: Config,
  key: string,
  path: string,
  allowed: readonly unknown[],
): void {
  const value = config[key];
  if (value === undefined || value === null) return;
  const text = JSON.stringify(value);
  if (!allowed.some((candidate) => JSON.stringify(candidate) === text))
    throw expected(
      allowed.map((candidate) => JSON.stringify(candidate)).join(" or ") || "null",
      `${path}.${key}`,
      value,
      "nothing else is computed here",
    );
}
