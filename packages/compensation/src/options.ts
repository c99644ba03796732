import { InputError } from "./errors.js";

/** @throws InputError where an option does not fit. */
export function checkOption(name: string, value: number, fits: boolean, range: string): void {
  if (!fits || !Number.isFinite(value))
    throw new InputError(
      `Expected a number ${range} for ${name} but received ${value} of type ${typeof value}`,
    );
}
