import { InputError, isInputError } from "../../errors.js";

/** An error in plain words: not every error survives the way between threads. */
export interface ThreadFailure {
  readonly message: string;
  readonly stack: string;
  /** Whether the input was to blame (an `InputError`). */
  readonly isInput: boolean;
}

export function describeFailure(error: unknown): ThreadFailure {
  const isError = error instanceof Error;
  const message = (isError ? error.message : String(error)) || "it gave no reason";
  const stack = (isError && error.stack) || message;
  return { message, stack, isInput: isInputError(error) };
}

/** The error again, on the other side. */
export function revive({ message, stack, isInput }: ThreadFailure): Error {
  const error = isInput ? new InputError(message) : new Error(message);
  error.stack = stack;
  return error;
}
