import { InputError } from "../../errors.js";
import { readRegularFile } from "./read-file.js";

/** Levels of braces and brackets; topologies have about ten. */
const mostLevels = 64;

/** Bytes of JSON: thousands of layers take a few million. */
const mostJsonBytes = 1 << 26;

/**
 * Reads a JSON file.
 * @throws InputError where it cannot be read, does not parse, is nested without end or has a name
 *   twice.
 */
export function readJsonFile(file: string, what: string): unknown {
  const text = readRegularFile(file, what, mostJsonBytes)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError(
      `Expected ${what} as JSON in ${file} but ${(error as Error).message}; get the file again`,
    );
  }
}

/**
 * `JSON.parse`, except for two things that it accepts silently: an object that has a name twice, of
 * which it keeps the last, and nesting so deep that no recursive function survives it.
 * @throws Error with a part of a sentence.
 */
export function parseJson(text: string): unknown {
  checkNames(text);
  return JSON.parse(text);
}

/** One walk over the text: whatever is not JSON, the parser finds afterwards. */
function checkNames(text: string): void {
  /** The names of every open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : null);
      if (open.length > mostLevels) throw new Error(`it is nested more than ${mostLevels} deep`);
    } else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const names = open[open.length - 1];
      if (names && isFollowedByColon(text, end)) addName(names, text.slice(at, end));
      at = end - 1;
    }
  }
}

/** The position after the closing quotation mark of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++)
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  return text.length;
}

function isFollowedByColon(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text[at] ?? "")) at++;
  return text[at] === ":";
}

function addName(names: Set<string>, quoted: string): void {
  // Two spellings of one name are one name.
  const name = quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (names.has(name)) throw new Error(`it has the name ${JSON.stringify(name)} twice`);
  names.add(name);
}
