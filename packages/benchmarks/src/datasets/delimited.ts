import { InputError } from "../errors.js";
import { bareReturns } from "./line-faults.js";

/** A line longer than this, or so much blank space between two lines, is taken for damage. */
const mostLineBytes = 4 * 2 ** 20;

/** More fields in a line than this are taken for a mistake. */
const mostFields = 100_000;

/**
 * Lines and fields of delimited text, straight from its bytes, which come in pieces: a file of half a
 * million lines becomes neither one string nor a string for each number, and one that is larger than
 * main memory passes through.
 */
export class DelimitedText {
  /** Bounds of the fields of the current line: start, end, start, end, ... */
  readonly #bounds: number[] = [];
  #bytes = new Uint8Array(2 ** 20);
  /** What of the bytes is text that has not been read. */
  #position = 0;
  #end = 0;
  #isLast = false;
  /**
   * Comma, semicolon or tab: the one that the first line has most of; without any, space, of which several
   * count as one. 0 before that.
   */
  #delimiter = 0;
  #started = false;
  /** Number of the current line, from 1. */
  line = 0;
  /** Number of fields of the current line. */
  fieldCount = 0;
  /** Field (from 0) of the current line whose quotation mark is left open; -1: none is. */
  openField = -1;
  /** Bytes of text that have been read, line ends with them. */
  bytesRead = 0;
  #blankBytes = 0;

  /** @param file for messages. */
  constructor(private readonly file: string) {}

  /** Takes the next piece of the text; lines that were not read before stay. */
  feed(piece: Uint8Array): void {
    const rest = this.#end - this.#position;
    if (rest > mostLineBytes || this.#blankBytes > mostLineBytes) throw this.#tooLong();
    if (rest + piece.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (rest + piece.length));
      larger.set(this.#bytes.subarray(this.#position, this.#end));
      this.#bytes = larger;
    } else this.#bytes.copyWithin(0, this.#position, this.#end);
    this.#bytes.set(piece, rest);
    this.#position = 0;
    this.#end = rest + piece.length;
    if (!this.#started && this.#end >= 3) this.#start();
  }

  /** Says that no more text comes: what is left is a line, with its end or without. */
  finish(): void {
    if (!this.#started) this.#start();
    this.#isLast = true;
  }

  /** Goes to the next whole line that is not blank; false where more text is needed, or at the end. */
  next(): boolean {
    if (!this.#started) return false;
    while (this.#position < this.#end) {
      const start = this.#position;
      const found = this.#bytes.indexOf(newline, start);
      const isWhole = found >= 0 && found < this.#end;
      if (!isWhole && !this.#isLast) return false;
      let end = isWhole ? found : this.#end;
      this.#position = Math.min(end + 1, this.#end);
      this.bytesRead += this.#position - start;
      this.line += 1;
      while (end > start && isSpace(this.#bytes[end - 1]!)) end -= 1;
      if (end === start) {
        this.#blankBytes += this.#position - start;
        continue;
      }
      this.#blankBytes = 0;
      if (this.#delimiter === 0) this.#delimiter = this.#findDelimiter(start, end);
      if (this.#delimiter === space) this.#splitBySpace(start, end);
      else this.#split(start, end);
      return true;
    }
    return false;
  }

  /** Whether the current line holds a carriage return that is not at its end. */
  get hasBareReturn(): boolean {
    const end = this.#bounds[2 * this.fieldCount - 1]!;
    return this.#bytes.subarray(this.#bounds[0]!, end).includes(carriageReturn);
  }

  /**
   * The text of a field of the current line, without surrounding space and quotes.
   * @throws InputError for bytes that are no UTF-8.
   */
  text(field: number): string {
    const start = this.#bounds[2 * field]!;
    const end = this.#bounds[2 * field + 1]!;
    let text: string;
    try {
      text = utf8.decode(this.#bytes.subarray(start, end)).trim();
    } catch {
      // Replaced by a question mark each, letters of another encoding would all be one.
      throw new InputError(
        `Expected text in UTF-8 in line ${this.line}, column ${field + 1} of ${this.file} but found ` +
          "other bytes; save the file in that encoding",
      );
    }
    const quoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
    return quoted ? text.slice(1, -1).replaceAll('""', '"').trim() : text;
  }

  /** A field of one to six digits without a leading zero as a number, else -1. */
  shortInteger(field: number): number {
    const start = this.#bounds[2 * field]!;
    const length = this.#bounds[2 * field + 1]! - start;
    if (length < 1 || length > 6 || (length > 1 && this.#bytes[start] === zero)) return -1;
    let value = 0;
    for (let index = start; index < start + length; index++) {
      const digit = this.#bytes[index]! - zero;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  /** A field as a number; NaN where it is not one. */
  number(field: number): number {
    const start = this.#bounds[2 * field]!;
    const end = this.#bounds[2 * field + 1]!;
    // Up to 15 digits with a point are most of the numbers in such files. They and the power of ten
    // are exact in double precision, so that their quotient is the nearest double: as `Number` has it.
    const negative = this.#bytes[start] === minus;
    const digits = negative ? start + 1 : start;
    if (end > digits && end - digits < 16) {
      let value = 0;
      let point = -1;
      let index = digits;
      for (; index < end; index++) {
        const digit = this.#bytes[index]! - zero;
        if (digit >= 0 && digit <= 9) value = value * 10 + digit;
        else if (digit === dot - zero && point < 0) point = index;
        else break;
      }
      if (index === end && (point < 0 || end - digits > 1)) {
        if (point >= 0) value /= powersOfTen[end - point - 1]!;
        return negative ? -value : value;
      }
    }
    const text = this.text(field);
    return isPlainNumber(text) ? Number(text) : Number.NaN;
  }

  #split(start: number, end: number): void {
    const bytes = this.#bytes;
    const bounds = this.#bounds;
    const delimiter = this.#delimiter;
    let field = 0;
    let quoted = false;
    let opened = 0;
    bounds[0] = start;
    for (let index = start; index < end; index++) {
      const byte = bytes[index]!;
      if (byte === quote) {
        quoted = !quoted;
        opened = field;
      } else if (byte === delimiter && !quoted) {
        bounds[2 * field + 1] = index;
        field += 1;
        if (field >= mostFields) throw this.#tooMany();
        bounds[2 * field] = index + 1;
      }
    }
    bounds[2 * field + 1] = end;
    this.fieldCount = field + 1;
    this.openField = quoted ? opened : -1;
  }

  /** Fields between spaces, one or more, with such before the first too. */
  #splitBySpace(start: number, end: number): void {
    const bytes = this.#bytes;
    const bounds = this.#bounds;
    let field = -1;
    let quoted = false;
    let isBetween = true;
    this.openField = -1;
    for (let index = start; index < end; index++) {
      const byte = bytes[index]!;
      if (byte === space && !quoted) {
        if (!isBetween) bounds[2 * field + 1] = index;
        isBetween = true;
        continue;
      }
      if (isBetween) {
        field += 1;
        if (field >= mostFields) throw this.#tooMany();
        bounds[2 * field] = index;
        isBetween = false;
      }
      if (byte === quote) quoted = !quoted;
    }
    bounds[2 * field + 1] = end;
    this.fieldCount = field + 1;
    if (quoted) this.openField = field;
  }

  /** What stands before the text: nothing, or the mark that some programs begin UTF-8 with. */
  #start(): void {
    this.#started = true;
    const [first, second, third] = this.#bytes;
    if (this.#end >= 3 && first === 0xef && second === 0xbb && third === 0xbf) this.#position = 3;
  }

  #findDelimiter(start: number, end: number): number {
    const candidates = [",", ";", "\t"].map((mark) => mark.charCodeAt(0));
    const counts = candidates.map(() => 0);
    let quoted = false;
    for (let index = start; index < end; index++) {
      const byte = this.#bytes[index]!;
      if (byte === quote) quoted = !quoted;
      else if (!quoted && candidates.includes(byte)) counts[candidates.indexOf(byte)]! += 1;
    }
    const most = Math.max(...counts);
    if (most === 0 && this.#hasInnerSpace(start, end)) return space;
    return candidates[counts.indexOf(most)]!;
  }

  /** Whether there is a space between other characters and outside quotation marks. */
  #hasInnerSpace(start: number, end: number): boolean {
    let quoted = false;
    let hasText = false;
    for (let index = start; index < end; index++) {
      const byte = this.#bytes[index]!;
      if (byte === quote) quoted = !quoted;
      if (byte === space && !quoted && hasText) return true;
      if (byte !== space) hasText = true;
    }
    return false;
  }

  #tooLong(): InputError {
    const rest = this.#bytes.subarray(this.#position, this.#end);
    if (this.line === 0 && rest.includes(carriageReturn)) return bareReturns(this.file);
    return new InputError(
      `Expected lines of at most ${mostLineBytes / 2 ** 20} MiB in ${this.file} but one after line ` +
        `${this.line} is longer; check that it is a text file, with a sample a line`,
    );
  }

  #tooMany(): InputError {
    return new InputError(
      `Expected at most ${mostFields} fields a line in ${this.file} but line ${this.line} has more; ` +
        "check that it has a sample a line",
    );
  }
}

const newline = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const minus = 45;
const dot = 46;
const zero = 48;
const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const powersOfTen = Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Decimal numbers, with or without exponent; neither hexadecimal ones nor words for numbers. */
export function isPlainNumber(text: string): boolean {
  return plainNumber.test(text);
}

function isSpace(byte: number): boolean {
  return byte === carriageReturn || byte === space;
}
