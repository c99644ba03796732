// Everything between a fresh clone and a run: system packages, npm packages, builds. Node
// built-ins only. Silent and quick when nothing is missing; `--verbose` shows every step.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { holdSetup } from "./setup/lock.mjs";
import { buildNative, provideTools } from "./setup/native-build.mjs";
import { installNodePackages } from "./setup/node-packages.mjs";
import { StepError, step } from "./setup/step.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const options = { verbose: process.argv.includes("--verbose") };

try {
  checkNode();
  await holdSetup(root);
  const tools = await provideTools(options);
  await installNodePackages(root, options);
  await step(
    "Building the packages",
    join(root, "node_modules", ".bin", "turbo"),
    ["run", "build", "--output-logs=errors-only"],
    options,
  );
  await buildNative(root, tools, options);
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  process.stderr.write(`${error.output}\n${error.message}; its output is above.\n`);
  process.exitCode = 1;
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 17)) return;
  throw new StepError(
    `Expected Node 20.17 or newer but found ${process.versions.node}: install it from https://nodejs.org`,
    "",
  );
}
