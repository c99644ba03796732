import { availableParallelism, totalmem } from "node:os";
import { InputError } from "./errors.js";

/**
 * The most that an option may ask for, whatever else is asked: larger numbers are slips of the
 * keyboard, and are refused before anything is done with them.
 */
const most: Readonly<Record<string, number>> = {
  "--items": 1e8,
  "--passes": 1e6,
  "--batch": 65_536,
  "--label-delay": 1e6,
  // Random numbers are drawn from 32 bits: a larger seed would be the same as a smaller one.
  "--seed": 2 ** 32 - 1,
  "--seeds": 10_000,
  "--threads": Math.max(64, 4 * availableParallelism()),
  "--stages": 256,
  "--microbatches": 4_096,
  "--waiting": 4_096,
  "--at-once": 256,
  "--workers": 64,
  "--compute-units": 65_536,
  "--pressure": 1e4,
  "--pressures": 1e4,
  "--staleness": 1_024,
  "--test-samples": 1e8,
  "--forward": 1e6,
  "--backward": 1e6,
  "--weight": 1e6,
  "the item of --change": 1e8,
  "compute-units of --change": 65_536,
};

/** Milliseconds; a longer one would be no stream. */
const longestInterval = 24 * 3600 * 1000;

/**
 * @param shown as it was written.
 * @throws InputError where an option asks for more than there can be.
 */
export function expectAtMost(value: number, option: string, shown: string): void {
  const limit = Object.hasOwn(most, option) ? (most[option] as number) : Number.POSITIVE_INFINITY;
  if (value > limit)
    throw new InputError(`Expected at most ${limit} for ${option} but received "${shown}"`);
}

/** Refuses a time between items that is not a sensible pace. */
export function expectInterval(milliseconds: number, option: string, shown: string): void {
  if (milliseconds > longestInterval)
    throw new InputError(
      `Expected a duration of at most one day for ${option} but received "${shown}"`,
    );
}

/** Bytes of main memory that this process may have. */
function machineBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

/**
 * Refuses what can never fit into this machine, before memory is taken for it.
 * @param what needs it, as the sentence begins: `the run`.
 */
export function expectRoom(bytes: number, what: string, advice: string): void {
  const there = machineBytes();
  if (bytes > there)
    throw new InputError(
      `Expected ${what} to fit into the ${gibibytes(there)} of this machine's memory but it takes ` +
        `${gibibytes(bytes)}; ${advice}`,
    );
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toPrecision(3)} GiB`;
