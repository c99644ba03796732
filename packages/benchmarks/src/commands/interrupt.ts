import { announce } from "../announce.js";
import { tell } from "./troubles.js";

/** Signals that ask a program to end: Ctrl-C, `kill`, and a terminal that is closed. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof signals;
const names = Object.keys(signals) as readonly Signal[];

/** Whether a run shall end with the results so far. */
export interface Interrupt {
  readonly requested: boolean;
  /** Exit code of a program that a signal ended, 128 + its number; null where none has come. */
  readonly exitCode: number | null;
  /** While this works, a signal ends the program at once: nothing would be lost then. */
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * The first signal asks a run to end with the record so far; a second one ends at once, also where
 * the program is not looking. A run looks at the flag between items, so signals must be let in there.
 */
export function onInterrupt(): Interrupt {
  let requested = false;
  let exitCode: number | null = null;
  const listen = () => {
    for (const name of names) process.on(name, take);
  };
  const leave = () => {
    for (const name of names) process.off(name, take);
  };
  function take(name: Signal): void {
    if (requested) process.exit(signals[name]);
    requested = true;
    exitCode = signals[name];
    announce(["stopping; the results so far will be written (Ctrl-C again to end at once)"]);
    // Signals that have come in the meantime are still delivered here; later ones go to the system.
    setImmediate(leave);
  }
  listen();
  return {
    get requested() {
      return requested;
    },
    get exitCode() {
      return exitCode;
    },
    async aside(work) {
      leave();
      try {
        return await work();
      } finally {
        if (!requested) listen();
      }
    },
  };
}

/**
 * Ends a service at the first signal; the second one ends the program at once, and so does the end of
 * the service, whatever still runs.
 */
export function onEnd(end: () => Promise<void>): void {
  let isEnding = false;
  const take = (name: Signal) => {
    if (isEnding) process.exit(signals[name]);
    isEnding = true;
    end()
      .catch(tell)
      .finally(() => setTimeout(() => process.exit(), 200).unref());
  };
  for (const name of names) process.on(name, take);
}
