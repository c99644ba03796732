import { expected, InputError } from "../../errors.js";

/** What a JSON body holds: one entry, or an array of them. */
export interface Entries {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  /** Whether it is an array, and so is the answer. */
  readonly isMany: boolean;
}

/**
 * Reads a JSON body of an object, or an array of objects.
 * @param required fields that each has to have, `optional` those that it may have; it has no others.
 */
export function readEntries(
  body: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): Entries {
  const isMany = Array.isArray(body);
  const entries: unknown[] = isMany ? body : [body];
  if (entries.length === 0) throw expected("one entry or more", "the body", body);
  return {
    isMany,
    entries: entries.map((entry, index) =>
      at(index, isMany, () => readFields(entry, required, optional)),
    ),
  };
}

/** An object of these fields and no others. */
export function readFields(
  value: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  const fields = [...required, ...optional];
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw expected(`an object of ${fields.join(", ")}`, "the body", value);
  const given = value as Record<string, unknown>;
  for (const name of required)
    if (given[name] === undefined)
      throw new InputError(
        `Expected the field ${name} but it is missing; give ${fields.join(", ")}`,
      );
  for (const name of Object.keys(given))
    if (!fields.includes(name)) throw expected(`one of ${fields.join(", ")}`, "a field", name);
  return given;
}

/** Does something with an entry of a body; what is wrong with it says which one it is. */
export function at<Result>(index: number, isMany: boolean, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isMany && error instanceof InputError)
      throw new InputError(`${error.message} (entry ${index} of the body)`);
    throw error;
  }
}
