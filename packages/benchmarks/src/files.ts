import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { InputError } from "./errors.js";

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

/** Reads a text file; a missing or unreadable one is an input error that names it. */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(
      `Expected ${what} in the file ${path} but it cannot be read ` +
        `(${(error as NodeJS.ErrnoException).code}); check the path`,
    );
  }
}

/** Reads a JSON file; a missing or malformed one is an input error that names it. */
export function readJson(path: string, what: string): unknown {
  const text = readText(path, what);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `Expected ${what} as JSON in ${path} but it does not parse: ${(error as Error).message}`,
    );
  }
}
