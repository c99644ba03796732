import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { expected, InputError } from "../errors.js";
import type { Source, SourceMessage } from "./contract.js";
import { CsvLines, type CsvOptions } from "./csv-line.js";
import { readJsonMessage } from "./json-message.js";
import { mostLineBytes, splitLines } from "./split-lines.js";

/** Where a text stands. */
export interface LinePosition {
  /** Lines that were taken in, blank ones too. */
  readonly line: number;
  /** CRC-32 of these, one after the other: whether another text has come in place of the first. */
  readonly crc: number;
}

/** Which text is read, and how. */
export interface LineSourceOptions {
  /** Default "stdin". */
  readonly name?: string;
  /** Bytes of the text, in pieces; default: standard input. */
  readonly input?: AsyncIterable<Uint8Array | string>;
  /** Lines of JSON, `{ "x": [...], "y": 3 }`, or of comma-separated values; default ndjson. */
  readonly format?: "ndjson" | "csv";
  readonly csv?: CsvOptions;
  /**
   * What comes after a restart. `same`, the default: the text from its first line on, as from a file;
   * lines that were taken in are skipped, and must be the same. `next`: what has not come yet, as from a
   * pipe that lives on; what was sent to the process before and not taken in is lost.
   */
  readonly afterRestart?: "same" | "next";
}

/**
 * Lines of a text as a source: standard input, a file, a socket. An item without an id has the number
 * of its line.
 *
 * @throws InputError for wrong options.
 */
export function lineSource(options: LineSourceOptions = {}): Source<LinePosition> {
  const { name = "stdin", input = process.stdin, format = "ndjson", csv } = options;
  const { afterRestart = "same" } = options;
  if (!["ndjson", "csv"].includes(format)) throw expected('"ndjson" or "csv"', "format", format);
  if (!["same", "next"].includes(afterRestart))
    throw expected('"same" or "next"', "afterRestart", afterRestart);
  if (csv !== undefined && format !== "csv")
    throw expected('"csv" where columns are told', "format", format);
  // Options are checked now, not when the first line comes.
  new CsvLines(csv);
  return {
    name,
    async *read(after, signal) {
      const lines = new CsvLines(csv);
      const decode = format === "csv" ? (text: string) => lines.read(text) : readJsonMessage;
      const skipped = afterRestart === "same" ? (after?.line ?? 0) : 0;
      let { line, crc } = (afterRestart === "next" && after) || { line: 0, crc: 0 };
      // A terminal may be silent for ever.
      const end = () => void (input as Partial<Readable>).destroy?.();
      signal.addEventListener("abort", end);
      try {
        for await (const bytes of splitLines(input)) {
          if (signal.aborted) return;
          line++;
          crc = crc32(bytes ?? "", crc32("\n", crc));
          if (line <= skipped && !(line === 1 && format === "csv")) {
            if (line === skipped) expectSame(name, after!, crc);
            continue;
          }
          const message = bytes ? read(bytes, decode) : { fault: tooLong };
          if (line <= skipped) {
            if (line === skipped) expectSame(name, after!, crc);
            continue;
          }
          if (message === null) continue;
          const position = { line, crc };
          yield message.x !== undefined && message.id === undefined
            ? { ...message, id: String(line), position }
            : { ...message, position };
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        signal.removeEventListener("abort", end);
      }
      if (line < skipped && !signal.aborted)
        throw new InputError(
          `Expected at least ${skipped} lines of ${name}, as the checkpoint says, but it ended after ` +
            `${line}; give the same text from its beginning`,
        );
    },
  };
}

const tooLong = `Expected lines of at most ${mostLineBytes} bytes but this one is longer`;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Null: the line is no message. */
function read(
  bytes: Uint8Array,
  decode: (text: string) => SourceMessage<never> | null,
): SourceMessage<never> | null {
  let text: string;
  try {
    text = utf8.decode(bytes).trim();
  } catch {
    return { fault: "Expected text in UTF-8 but found other bytes" };
  }
  return text === "" ? null : decode(text);
}

function expectSame(name: string, { line, crc }: LinePosition, found: number): void {
  if (crc === found) return;
  throw new InputError(
    `Expected the same first ${line} lines of ${name} as when the checkpoint was written (CRC-32 ${crc}) ` +
      `but they are others (${found}); give that text from its beginning, or say that what comes is next (--after-restart next)`,
  );
}
