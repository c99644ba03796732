// What commands that start and end processes have in common.
import { readdirSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { hasNatsServer } from "../setup/nats-path.mjs";
import { missingNatsServer } from "./nats-server.mjs";

/**
 * What the command line says, by option; `--help` prints the help and ends.
 * @param defaults by option, as texts.
 */
export function readOptions(help, defaults) {
  const texts = Object.entries(defaults).map(([name, usual]) => [
    name,
    { type: "string", default: usual },
  ]);
  const { values } = parseArgs({
    options: { ...Object.fromEntries(texts), help: { type: "boolean", default: false } },
  });
  if (values.help) endWith(help);
  return values;
}

/** Ends, with a line that says so, where there is no nats-server. */
export function expectNatsServer() {
  if (!hasNatsServer()) endWith(missingNatsServer);
}

function endWith(text) {
  console.log(text);
  process.exit(0);
}

/** Names of a folder's files; none where it is not there. */
export function namesIn(place) {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

/** When a file was written, ms since 1970; 0 where it is not there. */
export function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** All that a process says, when it has ended. */
export function outcomeOf(child) {
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
