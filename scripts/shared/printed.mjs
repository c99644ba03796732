// What a program prints, compared with what its README says it prints.
import { execFileSync } from "node:child_process";

/** Standard output of a program; what it writes to standard error is only shown where it fails. */
export function run(command, commandArguments, folder) {
  const stdio = ["ignore", "pipe", "pipe"];
  return execFileSync(command, commandArguments, { cwd: folder, encoding: "utf8", stdio });
}

/** Whole programs of a README: js blocks that import, whose next block, of text, is what they print. */
export function examplesOf(readme) {
  const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, code], index) => {
    const [, next, output] = blocks[index + 1] ?? [];
    return language === "js" && code.startsWith("import ") && next === "text"
      ? [{ code, output }]
      : [];
  });
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
