/** Bad input from outside: the message says what was expected, what came and what to do. */
export class InputError extends Error {
  readonly code = "FERRET_INPUT";
  override readonly name = "InputError";

  /** Control characters of a file's names must not reach a terminal: each becomes a `?`. */
  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(/\p{Cc}/gu, "?"), options);
  }
}

/** The most characters of what was received that a message quotes. */
const mostShown = 80;

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
  const isQuoted = typeof received === "string" || (typeof received === "object" && received);
  const whole = isQuoted ? (JSON.stringify(received) ?? "") : String(received);
  // It may be a whole file, of which the beginning says enough.
  const shown = whole.length > mostShown ? `${whole.slice(0, mostShown)}...` : whole;
  return new InputError(
    `Expected ${what} for ${name} but received ${shown} of type ${type}` +
      (remedy === undefined ? "" : `; ${remedy}`),
  );
}

/** A memory budget that no plan fits. */
export class BudgetError extends InputError {
  /** Bytes that would do. */
  readonly least: number;

  constructor(least: number, message: string) {
    super(message);
    this.least = least;
  }
}

/**
 * Of two refusals of one budget, for plans of two kinds, the one that asks for less: that much would do.
 * The first where neither is about a budget.
 */
export function lesserRefusal(first: unknown, second: unknown): unknown {
  return leastOf(first) <= leastOf(second) ? first : second;
}

/** Bytes that would do; infinite where it is another error. It may be told in the words of whoever asked. */
function leastOf(error: unknown): number {
  if (error instanceof BudgetError) return error.least;
  return error instanceof Error && error.cause !== undefined
    ? leastOf(error.cause)
    : Number.POSITIVE_INFINITY;
}

/** Bytes as people read them: `640 B`, `38.2 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}
