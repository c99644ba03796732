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

/** Checks a finite number above zero, or from zero on. */
export function checkNumber(name: string, value: number, { zero = false } = {}): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || (value === 0 && !zero))
    throw new InputError(
      `Expected a ${zero ? "non-negative" : "positive"} number for ${name} but received ${value} ` +
        `of type ${typeof value}`,
    );
}

/** Checks one of some names. */
export function checkName(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new InputError(`Expected one of ${known.join(", ")} for ${name} but received "${value}"`);
}
