/** Bad input from outside: the message says what was expected, what came and what to do. */
export class InputError extends Error {
  readonly code = "FERRET_INPUT";
  override readonly name = "InputError";
}

/** Checks a positive integer argument. */
export function checkCount(name: string, value: number, least = 1, most?: number): void {
  if (Number.isInteger(value) && value >= least && value <= (most ?? value)) return;
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new InputError(
    `Expected an integer ${range} for ${name} but received ${value} of type ${typeof value}`,
  );
}

/** The samples that a model can be given at once; a batch with its replay must fit. */
const mostSamples = 65_536;

/** Checks how many samples are replayed beside a batch. */
export function checkReplay(replay: number, batch: number): void {
  checkCount("replay", replay, 1, Math.max(1, mostSamples - batch));
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
