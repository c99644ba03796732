// The native kernels. Nothing here stops the set-up: without them models run on the tfjs runtime,
// and one line says so with the remedy.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { step } from "./step.mjs";
import { aptAccess, installSystemPackages } from "./system-packages.mjs";
import { findTools, fingerprint } from "./tools.mjs";

const fallback = "Ferret continues with the tfjs runtime, which is slower";

/**
 * Looks for the compiler, CMake, make and oneDNN, and installs the missing ones where allowed.
 * @returns {Promise<import("./tools.mjs").Tool[]>} what there is afterwards
 */
export async function provideTools(options) {
  const tools = findTools();
  const missing = tools.filter((tool) => tool.version === null);
  if (missing.length === 0) return tools;
  const access = aptAccess();
  let { reason } = access;
  if (reason === undefined) {
    const packages = missing.map((tool) => tool.debianPackage);
    try {
      await installSystemPackages(packages, access, options);
      reason = "apt-get could not get it";
    } catch (error) {
      const lines = error.output.trim().split("\n");
      reason = lines.findLast((line) => line.startsWith("E:")) ?? error.message;
    }
  }
  const after = findTools();
  const left = after.filter((tool) => tool.version === null);
  if (left.length > 0) {
    const names = left.map((tool) => tool.name).join(", ");
    const packages = left.map((tool) => tool.debianPackage).join(" ");
    console.log(
      `Missing: ${names} (${reason}). ${fallback}. Remedy: sudo apt-get install ${packages}`,
    );
  }
  return after;
}

/**
 * Builds the native kernels through turbo's cache; a build that was interrupted starts again.
 * @param {string} root the repository
 * @param {import("./tools.mjs").Tool[]} tools from {@link provideTools}
 */
export async function buildNative(root, tools, options) {
  const buildFolder = join(root, "packages", "kernels-cuda", "build");
  const state = join(root, ".ferret");
  const unfinished = join(state, "native-build.unfinished");
  const log = join(state, "native-build.log");
  if (existsSync(unfinished)) rmSync(buildFolder, { recursive: true, force: true });

  // Without oneDNN the vector kernels can still be built; without the others nothing can.
  if (tools.some((tool) => tool.version === null && tool.name !== "oneDNN")) {
    removeBinaries(buildFolder);
    return;
  }
  mkdirSync(state, { recursive: true });
  writeFileSync(unfinished, "");
  try {
    const environment = { FERRET_NATIVE_TOOLS: fingerprint(tools) };
    await step(
      "Building the native kernels",
      join(root, "node_modules", ".bin", "turbo"),
      ["run", "build:native", "--output-logs=new-only"],
      { ...options, environment },
    );
    const cuda = join(buildFolder, "Release", "kernels_cuda.node");
    if (process.env.CI && !existsSync(cuda))
      console.log("The CUDA kernels are left out: nvcc was not found, or could not build them.");
  } catch (error) {
    // A binary of older sources must not serve newer ones.
    removeBinaries(buildFolder);
    writeFileSync(log, error.output);
    console.log(
      `The native kernels did not build. ${fallback}. Remedy: see .ferret/native-build.log`,
    );
  }
  rmSync(unfinished, { force: true });
}

function removeBinaries(buildFolder) {
  const release = join(buildFolder, "Release");
  if (!existsSync(release)) return;
  for (const name of readdirSync(release)) {
    if (name.endsWith(".node")) rmSync(join(release, name));
  }
}
