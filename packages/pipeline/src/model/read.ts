import { expected } from "../errors.js";
import type { Activation, Padding, Pair } from "./layer.js";

type Config = Record<string, unknown>;

/** A positive integer field of a Keras configuration. */
export function readCount(config: Config, key: string, path: string): number {
  const value = config[key];
  if (!Number.isInteger(value) || (value as number) < 1)
    throw expected("positive integer", `${path}.${key}`, value);
  return value as number;
}

/** One positive integer or a pair of them, as Keras accepts for windows and strides. */
export function readPair(config: Config, key: string, path: string, fallback?: Pair): Pair {
  const value = config[key] ?? fallback;
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2 || pair.some((size) => !Number.isInteger(size) || (size as number) < 1))
    throw expected("positive integer or a pair of them", `${path}.${key}`, value);
  return [pair[0] as number, pair[1] as number];
}

export function readPadding(config: Config, path: string): Padding {
  const value = config.padding ?? "valid";
  if (value !== "valid" && value !== "same")
    throw expected('"valid" or "same"', `${path}.padding`, value);
  return value;
}

export function readActivation(config: Config, path: string): Activation {
  const value = config.activation ?? "linear";
  if (value !== "linear" && value !== "relu")
    throw expected('"linear" or "relu"', `${path}.activation`, value);
  return value;
}

export function readFlag(config: Config, key: string, path: string, fallback: boolean): boolean {
  const value = config[key] ?? fallback;
  if (typeof value !== "boolean") throw expected("boolean", `${path}.${key}`, value);
  return value;
}

/** Rejects settings that we would otherwise ignore in silence, such as dilated convolutions. */
export function requireDefault(
  config: Config,
  key: string,
  path: string,
  allowed: unknown[],
): void {
  const value = config[key];
  if (value === undefined || value === null) return;
  const text = JSON.stringify(value);
  if (!allowed.some((candidate) => JSON.stringify(candidate) === text))
    throw expected(
      allowed.map((candidate) => JSON.stringify(candidate)).join(" or "),
      `${path}.${key}`,
      text,
    );
}
