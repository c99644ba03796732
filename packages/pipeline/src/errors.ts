import { InputError } from "@ferret-ocl/planner";

// The planner's, so that one class tells all bad input of a learner.
export { InputError };

/** Whether it is one, of whichever copy of the package. */
export function isInputError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "FERRET_INPUT";
}

/** As much of a value as a message shows. */
const mostShown = 200;

/**
 * `Expected X for name but received Y of type Z; do this`, the one form of an argument error.
 * @param remedy what to do, where that is not plain from what was expected.
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

/** Whether its type alone would say nothing of it. */
function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

/** JSON, but for what has none: an object that holds itself or a BigInt. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
