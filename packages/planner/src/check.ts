import { expected } from "./errors.js";

// Checks of what comes from outside. Each returns the value with its type, or throws an InputError
// that names the field.

export function checkObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw expected("an object", name, value);
  return value as Record<string, unknown>;
}

/** Refuses fields that nothing reads: a misspelt one would be ignored silently. */
export function checkFields(value: object, name: string, known: readonly string[]): void {
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw expected(`one of ${known.join(", ")}`, `a field of ${name}`, unknown);
}

/** Parsed JSON; the unparsed text is refused with the advice to parse it. */
export function checkParsed(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "string")
    throw expected("an object, as JSON.parse returns for the text,", name, value);
  return checkObject(value, name);
}

export function checkArray(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw expected("an array", name, value);
  return value;
}

export function checkString(value: unknown, name: string): string {
  if (typeof value !== "string") throw expected("a string", name, value);
  return value;
}

export function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw expected("a boolean", name, value);
  return value;
}

export function checkOneOf<T extends string | number>(
  value: unknown,
  name: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    const list = choices.map((choice) => JSON.stringify(choice)).join(" or ");
    throw expected(list, name, value);
  }
  return found;
}

/** A finite number of at least zero: a time in milliseconds, a rate. */
export function checkAmount(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw expected("a finite number of at least 0", name, value);
  return value;
}

export function checkPositive(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
    throw expected("a finite number greater than 0", name, value);
  return value;
}

/** A whole number of at least `least`: bytes, a count, an index. */
export function checkWhole(value: unknown, name: string, least = 0): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
    throw expected(`a whole number of at least ${least}`, name, value);
  return value;
}

/** The first layer of every stage: starts at 0, rises, stays inside the model. */
export function checkPartition(value: unknown, name: string, layerCount?: number): number[] {
  const partition = checkArray(value, name).map((first, stage) =>
    checkWhole(first, `${name}[${stage}]`),
  );
  const rises = partition.every((first, stage) =>
    stage === 0 ? first === 0 : first > (partition[stage - 1] as number),
  );
  const inside = layerCount === undefined || (partition.at(-1) ?? 0) < layerCount;
  if (partition.length === 0 || !rises || !inside) {
    const below = layerCount === undefined ? "" : ` below the layer count ${layerCount}`;
    throw expected(`rising layer indices that start at 0${below}`, name, value);
  }
  return partition;
}

/** Checks a profile as far as sums over its layers need; `parseProfile` checks all of it. */
export function checkLayers(profile: unknown): void {
  const layers = checkArray(checkObject(profile, "profile").layers, "profile.layers");
  for (const [index, layer] of layers.entries()) checkObject(layer, `profile.layers[${index}]`);
}

/** A profile and a partition of its layers. */
export function checkCut(profile: unknown, partition: unknown): void {
  checkLayers(profile);
  checkPartition(partition, "partition", (profile as { layers: unknown[] }).layers.length);
}
