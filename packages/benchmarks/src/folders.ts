import { existsSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { InputError } from "./errors.js";

/** Bytes that are written to test a folder: a full disk has no room for them. */
const trial = Buffer.alloc(4096);

/** Folders that were made here, the innermost first. */
const made: string[] = [];
let cleans = false;

/**
 * Creates a folder with those above it and tests that it can be written, before hours of work.
 * Folders that were created and are empty when the program ends are removed again.
 *
 * @throws InputError if it cannot be created or written.
 */
export function openFolder(path: string, option = "--out"): void {
  const folder = resolve(path);
  try {
    makeFolder(folder);
  } catch (error) {
    const place = existing(folder);
    const reason = statSync(place).isDirectory() ? `got ${codeOf(error)}` : `${place} is a file`;
    throw noFolder(path, `made (${reason})`, option);
  }
  const probe = join(folder, `.ferret-${process.pid}.tmp`);
  try {
    writeFileSync(probe, trial, { flag: "wx" });
  } catch (error) {
    throw noFolder(path, `written (got ${codeOf(error)})`, option);
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Creates a folder with those above it, one after the other: Node's own way never ends if a system
 * says that an existing folder does not exist, as Linux does below /proc.
 *
 * @throws the system's error.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  for (const each of missingAbove(folder).reverse()) {
    try {
      mkdirSync(each);
    } catch (error) {
      // Another program was faster.
      if (codeOf(error) === "EEXIST") continue;
      throw error;
    }
    made.unshift(each);
  }
  if (!statSync(folder).isDirectory()) mkdirSync(folder);
  if (!cleans) process.on("exit", removeUnused);
  cleans = true;
}

/**
 * Creates the folder of a file that will be written, and tests it.
 * @throws InputError if it cannot be created or written, or something else is in the file's place.
 */
export function openPlaceOf(file: string, option: string): void {
  expectPlain(file, option);
  openFolder(dirname(file), option);
}

/** Refuses a name under which no plain file can be written: a folder's, a device's, a pipe's. */
export function expectPlain(file: string, option: string): void {
  const what = file.endsWith(sep) || file === "" ? "a folder's name" : kindOf(file);
  if (what !== null)
    throw new InputError(
      `Expected the name of a file for ${option} but received "${file}", which is ${what}; ` +
        "choose another name",
    );
}

function kindOf(path: string): string | null {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status || status.isFile()) return null;
  return status.isDirectory() ? "a folder" : "a device or a pipe";
}

/** Removes the folders that were created and to which nothing was written. */
function removeUnused(): void {
  for (const folder of made)
    try {
      rmdirSync(folder);
    } catch {
      // It holds something, so it stays.
    }
}

/** The nearest folder or file above a path that is there. */
function existing(path: string): string {
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return place;
}

/** The folders that are missing, the innermost first. */
function missingAbove(folder: string): string[] {
  const missing: string[] = [];
  for (let place = folder; !existsSync(place); place = dirname(place)) missing.push(place);
  return missing;
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function noFolder(path: string, reason: string, option: string): InputError {
  return new InputError(
    `Expected a folder that can be written for ${option} but ${path} cannot be ${reason}; ` +
      "choose another folder",
  );
}
