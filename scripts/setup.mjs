// Everything between a fresh clone and a run: system packages, npm packages, builds. Node
// built-ins only. Silent and quick when nothing is missing; `--verbose` shows every step.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { linkCommand } from "./setup/link-command.mjs";
import { holdSetup } from "./setup/lock.mjs";
import { buildNative, provideTools } from "./setup/native-build.mjs";
import { provideNatsServer } from "./setup/nats-server.mjs";
import { installNodePackages } from "./setup/node-packages.mjs";
import { StepError, step } from "./setup/step.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const shownLines = 40;
const options = { verbose: process.argv.includes("--verbose") };

try {
  checkNode();
  await holdSetup(root);
  const tools = await provideTools(options);
  await provideNatsServer(options);
  await installNodePackages(root, options);
  linkCommand(root);
  await step(
    "Building the packages",
    join(root, "node_modules", ".bin", "turbo"),
    ["run", "build", "--output-logs=errors-only"],
    options,
  );
  await buildNative(root, tools, options);
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  showFailure(error);
  process.exitCode = 1;
}

/** The beginning of the output, which states the cause; the rest is kept in a file. */
function showFailure({ message, output }) {
  const lines = output.split("\n");
  if (!options.verbose) process.stderr.write(`${lines.slice(0, shownLines).join("\n")}\n`);
  if (lines.length > shownLines) {
    writeFileSync(join(root, ".ferret", "setup.log"), output);
    process.stderr.write("... (all of it in .ferret/setup.log)\n");
  }
  process.stderr.write(`${message}\n`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 17)) return;
  throw new StepError(
    `Expected Node 20.17 or newer but found ${process.versions.node}: install it from https://nodejs.org`,
    "",
  );
}
