// The static checks, two at a time and all of them even when one fails: format and lint, imports
// between packages, unused code, types, docstrings, the shape of the packages, what a user gets from
// npm, and what the files in examples/ print.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StepError, step } from "./setup/step.mjs";

const tools = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
const examplesCheck = fileURLToPath(new URL("examples-check.mjs", import.meta.url));
const packCheck = fileURLToPath(new URL("pack-check.mjs", import.meta.url));
const options = { verbose: process.argv.includes("--verbose"), report: true };

const checks = [
  ["Format and lint", join(tools, "biome"), "ci", "."],
  ["Imports between packages", join(tools, "turbo"), "boundaries"],
  ["Unused code", join(tools, "knip"), "--treat-config-hints-as-errors"],
  ["Types", join(tools, "turbo"), "run", "typecheck", "--output-logs=errors-only"],
  ["Every export documented", join(tools, "typedoc"), "--emit", "none"],
  ["Package shape", join(tools, "turbo"), "run", "check:package", "--output-logs=errors-only"],
  ["Each package by itself in an empty project", process.execPath, packCheck],
  ["Examples", process.execPath, examplesCheck],
];

const failures = [];
const waiting = [...checks];
// Most of them keep one core busy.
await Promise.all(Array.from({ length: options.verbose ? 1 : 2 }, runAll));

async function runAll() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await run(next);
}

async function run([title, command, ...commandArguments]) {
  try {
    const output = await step(title, command, commandArguments, options);
    if (!options.verbose)
      for (const [line] of output.matchAll(/^Skipped: .*$/gm)) console.log(line);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if (!options.verbose) console.log(error.output);
    console.log(error.message);
    failures.push(title);
  }
}

console.log(
  failures.length === 0
    ? `All ${checks.length} checks passed`
    : `${failures.length} of ${checks.length} checks failed: ${failures.join(", ")}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
