/** What cannot be built as asked: the message says what was expected, what was found and what to do. */
export class InputError extends Error {
  /** The same in every package of Ferret. */
  readonly code = "FERRET_INPUT";
  override readonly name = "InputError";
}
