/**
 * Lines and fields of delimited text, straight from its bytes: a file of half a million lines becomes
 * neither one string nor a string for each number.
 */
export class DelimitedText {
  /** Bounds of the fields of the current line: start, end, start, end, ... */
  readonly #bounds: number[] = [];
  #position: number;
  /** Number of the current line, from 1. */
  line = 0;
  /** Number of fields of the current line. */
  fieldCount = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly delimiter: number,
  ) {
    const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#position = mark ? 3 : 0;
  }

  /** Goes to the next line that is not blank; false at the end. */
  next(): boolean {
    while (this.#position < this.bytes.length) {
      const start = this.#position;
      const found = this.bytes.indexOf(newline, start);
      let end = found < 0 ? this.bytes.length : found;
      this.#position = end + 1;
      this.line += 1;
      while (end > start && isSpace(this.bytes[end - 1]!)) end -= 1;
      if (end === start) continue;
      this.#split(start, end);
      return true;
    }
    return false;
  }

  /** The text of a field of the current line, without surrounding space and quotes. */
  text(field: number): string {
    const start = this.#bounds[2 * field]!;
    const end = this.#bounds[2 * field + 1]!;
    const text = new TextDecoder().decode(this.bytes.subarray(start, end)).trim();
    const quoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
    return quoted ? text.slice(1, -1).replaceAll('""', '"').trim() : text;
  }

  /** A field as a number; NaN where it is not one. */
  number(field: number): number {
    const start = this.#bounds[2 * field]!;
    const end = this.#bounds[2 * field + 1]!;
    // Short runs of digits are most of the numbers in such files.
    if (end - start > 0 && end - start < 16) {
      let value = 0;
      let index = start;
      for (; index < end; index++) {
        const digit = this.bytes[index]! - zero;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      if (index === end) return value;
    }
    const text = this.text(field);
    return plainNumber.test(text) ? Number(text) : Number.NaN;
  }

  #split(start: number, end: number): void {
    let field = 0;
    let quoted = false;
    this.#bounds[0] = start;
    for (let index = start; index < end; index++) {
      const byte = this.bytes[index]!;
      if (byte === quote) quoted = !quoted;
      else if (byte === this.delimiter && !quoted) {
        this.#bounds[2 * field + 1] = index;
        field += 1;
        this.#bounds[2 * field] = index + 1;
      }
    }
    this.#bounds[2 * field + 1] = end;
    this.fieldCount = field + 1;
  }
}

const newline = 10;
const quote = 34;
const zero = 48;
const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function isSpace(byte: number): boolean {
  return byte === 13 || byte === 32;
}

/** The delimiter that the first line has most of: comma, semicolon or tab. */
export function findDelimiter(bytes: Uint8Array): number {
  const candidates = [",", ";", "\t"].map((mark) => mark.charCodeAt(0));
  const end = bytes.indexOf(newline);
  const line = bytes.subarray(0, end < 0 ? bytes.length : end);
  const counts = candidates.map((mark) => line.filter((byte) => byte === mark).length);
  return candidates[counts.indexOf(Math.max(...counts))]!;
}
