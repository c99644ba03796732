import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const made = fileURLToPath(new URL("../../../.ferret/tfjs-node", import.meta.url));

/** Where tfjs-node looks for its addon, in its package's folder. */
export const placeOfAddon = join("lib", "napi-v8", "tfjs_binding.node");

/** The project that `npm run setup:tfjs-node` makes, with tfjs-node built; null if there is none. */
export const realProject: string | null = existsSync(
  join(made, "node_modules/@tensorflow/tfjs-node", placeOfAddon),
)
  ? made
  : null;

if (realProject === null)
  console.warn("Skipped: builds of tfjs-node, which npm run setup:tfjs-node prepares");

/** A folder that is removed after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "ferret-tfjs-node-build-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes a file and the folders above it. */
export function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A project with what a build asks of tfjs-node: its version, its sources, the addon's place. */
export function projectWith(version: string, name = "@tensorflow/tfjs-node"): string {
  const project = folder();
  const at = join(project, "node_modules", name);
  write(join(at, "package.json"), JSON.stringify({ name, version }));
  write(join(at, "binding", "tfjs_binding.cc"), "int main() { return nothing_of_this_name; }\n");
  write(
    join(at, "node_modules/@mapbox/node-pre-gyp/index.js"),
    `const { dirname, join } = require("node:path");
    exports.find = (manifest) => join(dirname(manifest), ${JSON.stringify(placeOfAddon)});\n`,
  );
  return project;
}

/** A real interpreter that finds a TensorFlow with these files in its folder. */
export function pythonWith(files: Readonly<Record<string, string>>): string {
  const place = folder();
  write(join(place, "tensorflow", "__init__.py"), "raise ImportError('it must not be imported')\n");
  for (const [name, text] of Object.entries(files)) write(join(place, "tensorflow", name), text);
  write(
    join(place, "tensorflow_cpu-2.9.1.dist-info", "METADATA"),
    "Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.9.1\n",
  );
  const command = write(
    join(place, "python"),
    `#!/bin/sh\nPYTHONPATH=${place} exec python3 -S "$@"\n`,
  );
  chmodSync(command, 0o755);
  return command;
}

/** The files of a TensorFlow that an addon can be built on, as far as they are looked at. */
export const wholeTensorFlow = {
  "libtensorflow_cc.so.2": "",
  "libtensorflow_framework.so.2": "",
  "include/tensorflow/core/platform/ctstring_internal.h": "",
};
