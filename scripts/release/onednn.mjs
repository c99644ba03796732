// oneDNN for the binaries that are released: compiled once for what packages/kernels-cuda/native/onednn
// says, and kept until that changes.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { step } from "../setup/step.mjs";

/** Whether all of it is there: that file is installed last of what the package needs. */
export function isInstalled(folder) {
  return existsSync(join(folder, "share", "onednn", "THIRD-PARTY-PROGRAMS"));
}

/**
 * The folder that the static library is installed in.
 * @param {string} root the repository
 * @param {string | undefined} sources a folder with oneDNN's sources, in place of the download
 * @param {{ verbose?: boolean }} options
 */
export async function buildOneDnn(root, sources, options) {
  const project = join(root, "packages", "kernels-cuda", "native", "onednn");
  const mark = createHash("sha256")
    .update(readFileSync(join(project, "CMakeLists.txt")))
    .update(sources === undefined ? "" : resolve(sources))
    .digest("hex")
    .slice(0, 12);
  const folder = join(root, ".ferret", "onednn", mark);
  const installed = join(folder, "installed");
  if (isInstalled(installed)) return installed;
  const work = join(folder, "work");
  await step(
    sources === undefined ? "Fetching oneDNN" : "Configuring oneDNN",
    "cmake",
    [
      "-S",
      project,
      "-B",
      work,
      "-DCMAKE_BUILD_TYPE=Release",
      `-DCMAKE_INSTALL_PREFIX=${installed}`,
      "-DCMAKE_INSTALL_LIBDIR=lib",
      ...(sources === undefined ? [] : [`-DFETCHCONTENT_SOURCE_DIR_ONEDNN=${resolve(sources)}`]),
    ],
    options,
  );
  await step(
    "Compiling oneDNN (twenty minutes on two cores)",
    "cmake",
    ["--build", work, "--config", "Release", "--parallel", `${availableParallelism()}`],
    options,
  );
  await step("Installing oneDNN", "cmake", ["--install", work, "--config", "Release"], options);
  return installed;
}
