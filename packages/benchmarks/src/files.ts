import { renameSync, rmSync, writeFileSync } from "node:fs";
import { InputError } from "./errors.js";
import { parseJson, readText } from "./input-file.js";

export { readText };

/** Writes a whole file or nothing: to a temporary file beside it, then by renaming. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new InputError(
      `Expected to be able to write ${path} but got ${(error as NodeJS.ErrnoException).code}; ` +
        "choose another folder",
    );
  }
}

/**
 * Reads a JSON file through a parser of its own; what that refuses is an input error that names the
 * file.
 */
export function readParsed<T>(path: string, what: string, parse: (value: unknown) => T): T {
  const value = readJson(path, what);
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "FERRET_INPUT")) throw error;
    throw new InputError(`${error.message} (${what} read from ${path})`);
  }
}

/** Reads a JSON file; a missing or malformed one is an input error that names it. */
function readJson(path: string, what: string): unknown {
  const text = readText(path, what);
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError(
      `Expected ${what} as JSON in ${path} but it does not parse: ${(error as Error).message}`,
    );
  }
}
