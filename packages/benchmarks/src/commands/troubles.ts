import { stderr } from "node:process";
import { announce } from "../announce.js";
import { isInput } from "../errors.js";
import { printable } from "../printable.js";

/**
 * Reports what went wrong, in one line for what the user can fix, with the stack for what only we
 * can; the program ends with the exit code 2 or 1, unless a more serious one is set.
 * @param about what the line begins with.
 */
export function tell(error: unknown, about = ""): void {
  if (isInput(error)) {
    announce([`${about}${error.message}`]);
    process.exitCode ??= 2;
    return;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`${about === "" ? "" : `ferret: ${printable(about)}`}${printable(stack, "\n")}\n`);
  process.exitCode = 1;
}

/**
 * Does something whose failure must not keep the rest from being done: it is only reported.
 * @returns whether it was done.
 */
export function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    tell(error);
    return false;
  }
}
