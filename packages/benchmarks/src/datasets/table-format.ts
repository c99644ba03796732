import { InputError } from "../errors.js";
import { withBytes } from "./read-file.js";

/** What a table's text is written in. */
export type TableFormat = "delimited" | "arff" | "libsvm";

/** Labels of libsvm, and an index with a value: `+1 3:0.5`. */
const libsvmLine = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(\s+\d+:\S+)+\s*(#.*)?$/;

/** Tells the format of a table from the first line that is neither blank nor a comment. */
export function tableFormat(file: string): Promise<TableFormat> {
  return withBytes(file, async ({ pieces }) => {
    let text = "";
    for await (const piece of pieces) {
      text += Buffer.from(piece.subarray(0, 2 ** 16)).toString("latin1");
      break;
    }
    const lines = text.replace(/^\xef\xbb\xbf/, "").split(/\r?\n/);
    const line = lines.find((each) => each.trim() !== "" && !/^\s*%/.test(each)) ?? "";
    if (/^\s*@relation\b/i.test(line)) return "arff";
    return libsvmLine.test(line.trim()) ? "libsvm" : "delimited";
  });
}

/** A line longer than this is taken for damage. */
const mostLine = 4 * 2 ** 20;

/**
 * Hands on the lines of a text, without their ends, with their numbers from 1.
 * @throws InputError for a line beyond 4 MiB, and bytes that are no UTF-8.
 */
export function eachLine(file: string, take: (line: string, at: number) => void): Promise<void> {
  return withBytes(file, async ({ pieces }) => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let rest = "";
    let at = 0;
    const takeText = (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) take(line.replace(/\r$/, ""), ++at);
      if (rest.length > mostLine)
        throw new InputError(
          `Expected lines of at most ${mostLine} characters in ${file} but line ${at + 1} is longer; ` +
            "check that it has a sample a line",
        );
    };
    const decode = (piece?: Uint8Array) => {
      try {
        return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
      } catch {
        throw new InputError(
          `Expected text in UTF-8 in ${file} but found other bytes after line ${at}; save the file in ` +
            "that encoding",
        );
      }
    };
    for await (const piece of pieces) takeText(decode(piece));
    takeText(decode());
    if (rest !== "") take(rest.replace(/\r$/, ""), at + 1);
  });
}
