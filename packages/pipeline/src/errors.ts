import { InputError } from "@ferret-ocl/planner";

// The planner's, so that one class tells all bad input of a learner.
export { InputError };

/** Whether it is one, of whichever copy of the package. */
export function isInputError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "FERRET_INPUT";
}

/** The most characters of a value that a message shows. */
const mostShown = 200;

/**
 * `Expected X for name but received Y of type Z; do this`, the one form of an argument error.
 * @param remedy what to do, if that is not clear from what was expected.
 */
export function expected(
  what: string,
  name: string,
  received: unknown,
  remedy?: string,
): InputError {
  const type = received === null ? "null" : Array.isArray(received) ? "array" : typeof received;
  return new InputError(
    `Expected ${what} for ${name} but received ${show(received)} of type ${type}` +
      (remedy === undefined ? "" : `; ${remedy}`),
  );
}

function show(value: unknown): string {
  const text = typeof value === "string" || isPlain(value) ? stringify(value) : String(value);
  return text.length > mostShown ? `${text.slice(0, mostShown)}...` : text;
}

/** Whether its type alone would say nothing about it. */
function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

/** JSON, except for what has none: an object that contains itself, or a BigInt. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
