import { stderr } from "node:process";
import { printable } from "./printable.js";

/**
 * What people should know, but no machine reads, goes to standard error, one line each. A message
 * may quote a file or an option that has line ends of its own.
 */
export function announce(lines: readonly string[]): void {
  for (const line of lines)
    stderr.write(`ferret: ${printable(line.trim().replace(/\s*[\r\n]\s*/g, " "))}\n`);
}
