/** Bad input from outside: the message says what was expected, what came and what to do. */
export class InputError extends Error {
  readonly code = "FERRET_INPUT";
  override readonly name = "InputError";
}

/** Checks a positive integer argument. */
export function checkCount(name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least)
    throw new InputError(
      `Expected an integer of at least ${least} for ${name} but received ${value} of type ${typeof value}`,
    );
}
