import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";
import { InputError } from "./errors.js";
import { printable } from "./printable.js";

/** Texts are read whole up to this size: some ten thousand result records. */
const mostTextBytes = 256 * 2 ** 20;

/** JSON that is nested deeper than this is not ours; the parser would take gigabytes for it. */
const deepest = 1_000;

const piece = 2 ** 20;

/**
 * Opens a user's file for reading. Everything that reads such a file begins here: devices, pipes
 * and sockets may never end, and would be read or waited for without end.
 *
 * @param what what the file should hold, for messages.
 * @returns a descriptor for the caller to close, and the size in bytes.
 * @throws InputError if it is not a regular file or cannot be read.
 */
export function openInput(path: string, what: string): { fd: number; size: number } {
  // Before opening, since opening a pipe without a writer blocks.
  expectRegular(stats(path, what), path, what);
  let fd: number;
  try {
    // O_NONBLOCK, in case the name has become a pipe's in between; regular files ignore it.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw unreadable(path, what, error);
  }
  const opened = fstatSync(fd);
  if (!opened.isFile()) {
    closeSync(fd);
    expectRegular(opened, path, what);
  }
  return { fd, size: opened.size };
}

/** Refuses what is not a regular file, for readers in other packages. @throws InputError */
export function expectRegularFile(path: string, what: string): void {
  expectRegular(stats(path, what), path, what);
}

/**
 * The whole of a text file, in UTF-8.
 * @throws InputError as `openInput`, and for more than 256 MiB, before they are read.
 */
export function readText(path: string, what: string): string {
  const { fd, size } = openInput(path, what);
  try {
    const parts: Buffer[] = [];
    let length = size;
    // A file may grow in the meantime, and system files say that they are empty.
    for (let at = 0; ; ) {
      if (Math.max(at, length) > mostTextBytes) throw tooLong(path, what, Math.max(at, length));
      const part = Buffer.allocUnsafe(Math.min(piece, Math.max(length - at, 0) + 1));
      const count = readPiece(fd, part, path, what);
      if (count === 0) return Buffer.concat(parts).toString("utf8");
      parts.push(part.subarray(0, count));
      at += count;
      length = Math.max(length, at);
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Parses JSON, unless it is nested so deep that parsing it takes many times its size.
 * @throws SyntaxError as `JSON.parse`.
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      // Brackets in a string are none.
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++)
        if (text.charCodeAt(at) === backslash) at += 1;
    } else if (code === bracket || code === brace) {
      depth += 1;
      if (depth > deepest) throw new SyntaxError(`it is nested more than ${deepest} deep`);
    } else if (code === bracket + 2 || code === brace + 2) depth -= 1;
  }
  // Some editors begin a file with a byte order mark.
  return JSON.parse(text.replace(/^\uFEFF/, ""));
}

const quote = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);
/** Each with its closing one two further. */
const bracket = "[".charCodeAt(0);
const brace = "{".charCodeAt(0);

/**
 * Bytes that one data set may take in main memory: half of what this process has at most (that of its
 * container where it runs in one). Checked before they are taken.
 */
export function mostDataBytes(): number {
  const container = constrainedMemory?.() ?? 0;
  const machine = totalmem();
  return Math.floor((container > 0 ? Math.min(container, machine) : machine) / 2);
}

/** The code of a system error, or its message. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

/** A text from a file as a message may quote it: short, without control characters. */
export function quoted(text: string): string {
  return `"${printable(text.length > 40 ? `${text.slice(0, 40)}...` : text)}"`;
}

/** What cannot be read, and why. */
export function unreadable(path: string, what: string, error: unknown): InputError {
  return new InputError(
    `Expected ${what} in the file ${path} but it cannot be read (${codeOf(error)}); ` +
      "check the path and its permissions",
  );
}

function stats(path: string, what: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, what, error);
  }
}

function expectRegular(found: Stats, path: string, what: string): void {
  if (found.isFile()) return;
  if (found.isDirectory())
    throw new InputError(
      `Expected ${what} in the file ${path} but it is a folder (EISDIR); name a file in it`,
    );
  const kind = found.isFIFO()
    ? "a pipe"
    : found.isSocket()
      ? "a socket"
      : found.isCharacterDevice()
        ? "a character device"
        : "a device";
  throw new InputError(
    `Expected ${what} in a regular file but ${path} is ${kind}, which may never end; ` +
      "save what it gives to a file and name that",
  );
}

function readPiece(fd: number, part: Buffer, path: string, what: string): number {
  try {
    return readSync(fd, part);
  } catch (error) {
    throw unreadable(path, what, error);
  }
}

function tooLong(path: string, what: string, size: number): InputError {
  return new InputError(
    `Expected at most ${mostTextBytes / 2 ** 20} MiB for ${what} but ${path} has ` +
      `${Math.ceil(size / 2 ** 20)} MiB or more; check that it is the right file`,
  );
}
