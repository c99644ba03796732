import { InputError } from "@ferret-ocl/planner";

/** What a field of a library is in the command: its option, and what it was given. */
export interface Word {
  readonly option: string;
  readonly received: string;
}

/** The one form of the libraries' argument errors. */
const form = /^(Expected .+?) for (\w+) but received .+? of type \w+(?:; (.+))?$/s;

/**
 * An error about a library's argument in the words of the command that it came from; any other error
 * as it is.
 * @param words by field.
 * @param remedy what to do, where the library does not say.
 */
export function inOwnWords(
  error: unknown,
  words: Readonly<Record<string, Word>>,
  remedy?: string,
): unknown {
  if (!(error instanceof InputError)) return error;
  const [, expected, field = "", known = remedy] = form.exec(error.message) ?? [];
  const word = Object.hasOwn(words, field) ? words[field] : undefined;
  if (!word) return error;
  const { option, received } = word;
  return new InputError(
    `${expected} for ${option} but received ${received}${known === undefined ? "" : `; ${known}`}`,
    { cause: error },
  );
}
