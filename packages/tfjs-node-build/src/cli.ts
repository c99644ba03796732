#!/usr/bin/env node
import { parseArgs } from "node:util";
import { buildTfjsNode, InputError } from "./index.js";
import type { Target } from "./tfjs-node.js";

const help = `Builds the addon of tfjs-node against an installed TensorFlow.

Usage: ferret-tfjs-node [--gpu] [--python <command>] [--project <dir>] [--force]

  --gpu                for @tensorflow/tfjs-node-gpu, against a TensorFlow with CUDA
  --python <command>   interpreter whose TensorFlow is taken (default: what FERRET_PYTHON names,
                       or the first of python3 and python that has it)
  --project <dir>      folder of the project that has tfjs-node (default: the working folder)
  --force              build again, or replace an addon that this command did not build
  --help

tfjs-node is installed beforehand, without the download that may fail:
npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0
The compiler is what CXX names, or the first of g++, c++ and clang++.
`;

const controller = new AbortController();
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
// Not once: whoever presses it twice must not interrupt the tidying up.
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => {
    process.exitCode = exitCodes[name];
    controller.abort(new InputError("stopped; nothing was changed"));
  });

async function main(words: readonly string[]): Promise<void> {
  const values = readWords(words);
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const target: Target = values.gpu ? "node-gpu" : "node";
  const { isNew, addon, tensorFlow, tfjsNode, usesGpu, notices } = await buildTfjsNode({
    target,
    python: named(values.python, "--python", "an interpreter"),
    project: named(values.project, "--project", "a folder") ?? process.cwd(),
    force: values.force ?? false,
    signal: controller.signal,
    onProgress: tell,
  });
  for (const notice of notices) tell(notice);
  const where = usesGpu ? " on a GPU" : "";
  process.stdout.write(
    `${isNew ? "built" : "already built"}: ${tfjsNode} on TensorFlow ${tensorFlow.version}${where}, ` +
      `${addon}; ferret run --runtime ${target} uses it\n`,
  );
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        gpu: { type: "boolean" },
        python: { type: "string" },
        project: { type: "string" },
        force: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    // Node's own sentence, without the hint about positionals.
    const [sentence = ""] = (error as Error).message.split(/\.\s/);
    throw new InputError(`${sentence.replace(/\.$/, "")}; see ferret-tfjs-node --help`);
  }
}

function named(value: string | undefined, option: string, what: string): string | undefined {
  if (value === "")
    throw new InputError(
      `Expected ${what} for ${option} but received an empty text; name one, or leave ${option} out`,
    );
  return value;
}

function tell(line: string): void {
  process.stderr.write(`ferret-tfjs-node: ${line}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  tell(error.message);
  process.exitCode ??= 2;
}
