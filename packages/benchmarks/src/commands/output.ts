import { stderr, stdout } from "node:process";
import { announce } from "../announce.js";
import { printable } from "../printable.js";

export { announce } from "../announce.js";

/** What a shell sees of a program whose reader went away: 128 and the number of SIGPIPE. */
const closedPipe = 141;

/** Results go to standard output, whole. */
export function print(text: string): void {
  stdout.write(`${printable(text, "\n")}\n`);
}

/**
 * Output that nobody reads any more, as with `ferret demo | head -1` or a closed terminal, is not
 * an error: the program continues and writes its files. What cannot be written for another reason,
 * such as a full disk, is reported.
 */
export function watchOutput(): void {
  stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE" || code === "EIO") {
      process.exitCode ??= closedPipe;
      return;
    }
    process.exitCode ??= 2;
    announce([
      `Expected to be able to write to standard output but got ${code}; make room there or name ` +
        "another file",
    ]);
  });
  stderr.on("error", () => {
    // Nobody is left to be told.
  });
}
