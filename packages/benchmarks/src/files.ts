import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InputError } from "./errors.js";
import { readText } from "./input-file.js";

export { readText };

/** Refuses a folder that could not be made, before hours of work; makes nothing yet. */
export function expectFolder(path: string, option = "--out"): void {
  let place = resolve(path);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  if (!statSync(place).isDirectory()) throw noFolder(path, `${place} is a file`, option);
}

/** Makes a folder with those above it. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw noFolder(path, `got ${(error as NodeJS.ErrnoException).code}`);
  }
}

function noFolder(path: string, reason: string, option = "--out"): InputError {
  return new InputError(
    `Expected a folder that can be written for ${option} but ${path} cannot be made (${reason}); ` +
      "choose another folder",
  );
}

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
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `Expected ${what} as JSON in ${path} but it does not parse: ${(error as Error).message}`,
    );
  }
}
