import { stderr, stdout } from "node:process";

/** Results go to standard output, whole. */
export function print(text: string): void {
  stdout.write(`${text}\n`);
}

/** What people should know, but no machine reads, goes to standard error. */
export function announce(lines: readonly string[]): void {
  for (const line of lines) stderr.write(`ferret: ${line}\n`);
}
