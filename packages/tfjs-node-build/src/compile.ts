import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { InputError } from "./errors.js";
import { type Finished, runCommand } from "./run-command.js";
import { libraries, type TensorFlow, triedWith } from "./tensorflow.js";
import type { TfjsNode } from "./tfjs-node.js";

const require = createRequire(import.meta.url);

/** A compiler for C++17, and what it calls itself. */
export interface Compiler {
  readonly command: string;
  readonly version: string;
}

/**
 * The compiler that CXX names, or else the first of `g++`, `c++` and `clang++` that runs.
 * @throws InputError where there is none.
 */
export async function findCompiler(signal?: AbortSignal): Promise<Compiler> {
  const asked = process.env.CXX || undefined;
  for (const command of asked === undefined ? ["g++", "c++", "clang++"] : [asked]) {
    const { status, stdout } = await runCommand(command, ["--version"], { signal, limit: 60_000 });
    if (status === 0) return { command, version: stdout.split("\n")[0]?.trim() ?? "" };
  }
  throw new InputError(
    asked === undefined
      ? "Expected a C++ compiler but found none of g++, c++ and clang++; install one, on Debian with " +
          "apt-get install g++, or name it with CXX"
      : `Expected a C++ compiler but CXX names ${asked}, which does not run; name another one`,
  );
}

/**
 * Compiles tfjs-node's sources and links them to TensorFlow, which the addon will look for where it
 * is now.
 * @param workplace a folder for what is made on the way.
 * @param onProgress gets a line for every step.
 * @returns the path of the addon.
 * @throws InputError with what the compiler said first.
 */
export async function compile(
  { folder, nodeApi }: TfjsNode,
  tensorFlow: TensorFlow,
  { command }: Compiler,
  workplace: string,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress: (line: string) => void },
): Promise<string> {
  const binding = join(folder, "binding");
  const sources = readdirSync(binding).filter((name) => name.endsWith(".cc"));
  const { include_dir: nodeHeaders } = require("node-api-headers") as { include_dir: string };
  const objects: string[] = [];
  for (const [index, source] of sources.entries()) {
    onProgress(`compiling ${source} (${index + 1} of ${sources.length + 1})`);
    const object = join(workplace, `${basename(source, ".cc")}.o`);
    const words = ["-c", "-O2", "-fPIC", "-std=c++17", "-w", `-DNAPI_VERSION=${nodeApi}`];
    const places = [nodeHeaders, join(tensorFlow.folder, "include")].flatMap((at) => ["-I", at]);
    const file = join(binding, source);
    expectDone(
      await runCommand(command, [...words, ...places, file, "-o", object], { signal }),
      `compile ${source}`,
      tensorFlow,
    );
    objects.push(object);
  }
  onProgress(`linking (${sources.length + 1} of ${sources.length + 1})`);
  const addon = join(workplace, "tfjs_binding.node");
  const linked = libraries.map((name) => join(tensorFlow.folder, name));
  const runPath = ["-Xlinker", "-rpath", "-Xlinker", tensorFlow.folder];
  expectDone(
    await runCommand(command, ["-shared", ...objects, "-o", addon, ...linked, ...runPath], {
      signal,
    }),
    "link the addon",
    tensorFlow,
  );
  return addon;
}

function expectDone({ status, stderr, trouble }: Finished, what: string, { version }: TensorFlow) {
  if (status === 0) return;
  const lines = stderr.split("\n");
  const said = lines.find((line) => /error|No space/i.test(line)) ?? lines[0];
  throw new InputError(
    `Expected the compiler to ${what} but it failed (${trouble ?? said ?? status}); it is tried ` +
      `with TensorFlow ${triedWith}, found is ${version}`,
  );
}
