// tfjs-node on TensorFlow, for the tests of `--runtime node`: both are put into .ferret/tfjs-node, and
// the addon is built there. Nothing here fails: where something cannot be had, one line says so, and
// those tests are skipped. A TensorFlow that FERRET_PYTHON has is used as it is; otherwise pip unpacks
// the wheel alone (1.4 GB, no dependencies: Python never loads it).
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { holdSetup } from "./setup/lock.mjs";
import { StepError, step } from "./setup/step.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = join(root, ".ferret", "tfjs-node");
const wheelFolder = join(project, "python");
const tfjsNode = "@tensorflow/tfjs-node@4.22.0";
const wheel = "tensorflow-cpu==2.21.0";
const options = { verbose: process.argv.includes("--verbose") };
/** Milliseconds that a download may take: whoever has no store of packages must not wait for long. */
const limit = 90_000;

if (process.env.FERRET_SKIP_TFJS_NODE === "1") skip("FERRET_SKIP_TFJS_NODE=1 forbids it");
else if (process.platform !== "linux") skip(`this is ${process.platform}, not Linux`);
else await provide();

async function provide() {
  try {
    await holdSetup(root);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, "package.json"), '{ "private": true }\n');
    const outcomes = await Promise.allSettled([installTfjsNode(), installWheel()]);
    for (const { reason } of outcomes) if (reason) throw reason;
    await step(
      "Building tfjs-node's addon on TensorFlow",
      process.execPath,
      [
        join(root, "packages", "tfjs-node-build", "bin", "ferret-tfjs-node.js"),
        "--project",
        project,
      ],
      { ...options, environment: environment() },
    );
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const lines = error.output.trim().split("\n");
    // npm says the reason first, among codes; pip and the build say it last.
    const reason =
      lines.find((line) => /^npm error (?!code|errno|syscall|type|network)/.test(line)) ??
      lines.findLast((line) => /error|Expected/i.test(line));
    skip(reason ?? error.message);
  }
}

/** Without its scripts: they would download a library that the addon is not built on. */
async function installTfjsNode() {
  if (existsSync(join(project, "node_modules", ".package-lock.json"))) return;
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const patience = ["--fetch-retries=0", "--fetch-timeout=20000"];
  await step(
    "Installing tfjs-node (npm)",
    "npm",
    ["install", "--prefix", project, ...flags, ...patience, tfjsNode],
    { ...options, limit },
  );
}

async function installWheel() {
  const done = join(wheelFolder, ".complete");
  if (existsSync(done) || (await hasTensorFlow())) return;
  const flags = [
    "--no-deps",
    "--no-compile",
    "--upgrade",
    "--quiet",
    "--disable-pip-version-check",
  ];
  const patience = ["--retries", "0", "--timeout", "10"];
  await step(
    "Installing TensorFlow (pip)",
    process.env.FERRET_PYTHON || "python3",
    ["-m", "pip", "install", ...flags, ...patience, "--target", wheelFolder, wheel],
    { ...options, limit },
  );
  writeFileSync(done, "");
}

/** Whether the Python that is named, or else the first, has a TensorFlow already. */
async function hasTensorFlow() {
  const code =
    "import importlib.util, sys; sys.exit(importlib.util.find_spec('tensorflow') is None)";
  try {
    await step(
      "Looking for TensorFlow",
      process.env.FERRET_PYTHON || "python3",
      ["-c", code],
      options,
    );
    return true;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return false;
  }
}

function environment() {
  const path = process.env.PYTHONPATH;
  return existsSync(join(wheelFolder, ".complete"))
    ? { PYTHONPATH: path ? `${wheelFolder}:${path}` : wheelFolder }
    : {};
}

function skip(reason) {
  console.log(`Skipped: tests of tfjs-node on TensorFlow, since ${reason.trim()}`);
}
