import { InputError } from "./errors.js";

/** Bytes in each known unit of size. */
const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Milliseconds in each known unit of time. */
const timeUnits: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 };

/**
 * A size in bytes, from a number of bytes or a text such as `40MiB`, `1.5 GB` or `512KiB`.
 * @param name what is read, as the message calls it.
 * @throws InputError unless it is a whole number of bytes above 0.
 */
export function readBytes(value: unknown, name: string): number {
  const bytes = typeof value === "number" ? value : Math.floor(amountOf(value, byteUnits, "B"));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw refuse("a size such as 40MiB, or a number of bytes,", name, value, byteUnits);
}

/**
 * A time in milliseconds, from a number of milliseconds or a text such as `5ms`, `200us` or `1.5s`.
 * @param name what is read, as the message calls it.
 * @throws InputError unless it is above 0 and finite.
 */
export function readDuration(value: unknown, name: string): number {
  const duration = typeof value === "number" ? value : amountOf(value, timeUnits);
  if (duration > 0 && Number.isFinite(duration)) return duration;
  throw refuse("a duration such as 5ms, or a number of milliseconds,", name, value, timeUnits);
}

/** A number and its unit, multiplied; NaN if either is invalid. */
function amountOf(value: unknown, units: Readonly<Record<string, number>>, usual = ""): number {
  const match =
    typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(value.trim()) : null;
  const unit = match?.[2] || usual;
  if (!match || !Object.hasOwn(units, unit)) return Number.NaN;
  return Number(match[1]) * (units[unit] as number);
}

function refuse(
  what: string,
  name: string,
  value: unknown,
  units: Readonly<Record<string, number>>,
): InputError {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  const known = Object.keys(units).join(", ");
  return new InputError(`Expected ${what} for ${name} but received ${shown}; units are ${known}`);
}
