import { BudgetError } from "@ferret-ocl/planner";
import { InputError, isInputError } from "../../errors.js";

/** An error in plain words: not every error survives the way between threads. */
export interface ThreadFailure {
  readonly message: string;
  readonly stack: string;
  /** Whether the input was to blame (an `InputError`). */
  readonly isInput: boolean;
  /** Bytes that would do, where a budget was to blame (a `BudgetError`). */
  readonly least: number | null;
}

export function describeFailure(error: unknown): ThreadFailure {
  const isError = error instanceof Error;
  const message = (isError ? error.message : String(error)) || "it gave no reason";
  const stack = (isError && error.stack) || message;
  const least = error instanceof BudgetError ? error.least : null;
  return { message, stack, isInput: isInputError(error), least };
}

/** The error again, on the other side. */
export function revive(failure: ThreadFailure): Error {
  const { stack } = failure;
  const error = kindOf(failure);
  error.stack = stack;
  return error;
}

function kindOf({ message, isInput, least }: ThreadFailure): Error {
  if (least !== null) return new BudgetError(least, message);
  return isInput ? new InputError(message) : new Error(message);
}
