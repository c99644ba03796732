/** Bad input from outside: the message says what was expected, what came and what to do. */
export class InputError extends Error {
  readonly code = "FERRET_INPUT";
  override readonly name = "InputError";
}

/** `Expected X for name but received Y of type Z`, the one form of an argument error. */
export function expected(what: string, name: string, received: unknown): InputError {
  const shown = typeof received === "string" ? JSON.stringify(received) : String(received);
  const type = received === null ? "null" : Array.isArray(received) ? "array" : typeof received;
  return new InputError(`Expected ${what} for ${name} but received ${shown} of type ${type}`);
}
