// What a program prints, beside what its README says it prints.
import { execFileSync } from "node:child_process";

/** Standard output of a program; what it writes to standard error is only shown where it fails. */
export function run(command, commandArguments, folder) {
  const stdio = ["ignore", "pipe", "pipe"];
  return execFileSync(command, commandArguments, { cwd: folder, encoding: "utf8", stdio });
}

/** The first js block of a README and the text block that follows it; null where it has none. */
export function firstExample(readme) {
  const match = /^```js\n(.*?)^```$.*?^```text\n(.*?)^```$/ms.exec(readme);
  return match === null ? null : { code: match[1], output: match[2] };
}

/** The first text block below the heading of a file; null where there is none. */
export function outputBelow(readme, heading) {
  const sections = readme.split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return /^```text\n(.*?)^```$/ms.exec(section)?.[1] ?? null;
}

/**
 * Runs a script and compares.
 * @param {string} name of the example, for people
 * @returns {string[]} what is wrong, in sentences
 */
export function comparePrinted(name, script, folder, promised) {
  const printed = run(process.execPath, [script], folder);
  if (trimLines(printed) === trimLines(promised)) return [];
  return [`Expected ${name} to print\n${promised}\nbut it printed\n${printed}`];
}

function trimLines(text) {
  return text.trimEnd().replace(/[ \t]+$/gm, "");
}
