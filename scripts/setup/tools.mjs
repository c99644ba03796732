// What the native build needs and what this machine has of it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Prints oneDNN's version; links, so that headers without the library count as missing. */
const oneDnnProbe = `
#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>
#else
#include <dnnl.h>
#endif
#include <cstdio>
int main() {
  const dnnl_version_t* v = dnnl_version();
  std::printf("%d.%d.%d", v->major, v->minor, v->patch);
}
`;

/**
 * @typedef {{ name: string, debianPackage: string, version: string | null }} Tool
 * `version` is null where the tool is missing.
 */

/** The tools of the native build, oneDNN last. @returns {Tool[]} */
export function findTools() {
  const compilerName = process.env.CXX ?? "g++";
  const compiler = versionOf(compilerName, "-dumpfullversion");
  return [
    { name: compilerName, debianPackage: "g++", version: compiler },
    { name: "cmake", debianPackage: "cmake", version: versionOf("cmake") },
    { name: "make", debianPackage: "make", version: versionOf("make") },
    {
      name: "oneDNN",
      debianPackage: "libdnnl-dev",
      version: compiler === null ? null : oneDnnVersion(compilerName),
    },
  ];
}

/**
 * One word for the tool chain. The native build's cache is keyed by it, so that a build without
 * oneDNN is not served again after oneDNN has been installed.
 * @param {Tool[]} tools
 */
export function fingerprint(tools) {
  const cuda = versionOf(process.env.CUDACXX ?? "nvcc");
  return [...tools.map((tool) => `${tool.name}=${tool.version}`), `nvcc=${cuda}`].join(";");
}

function versionOf(command, flag = "--version") {
  const { status, stdout } = spawnSync(command, [flag], { encoding: "utf8" });
  if (status !== 0) return null;
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "unknown";
}

function oneDnnVersion(compiler) {
  const folder = mkdtempSync(join(tmpdir(), "ferret-probe-"));
  try {
    const program = join(folder, "probe");
    const build = spawnSync(compiler, ["-x", "c++", "-", "-o", program, "-ldnnl"], {
      input: oneDnnProbe,
    });
    if (build.status !== 0) return null;
    const { status, stdout } = spawnSync(program, [], { encoding: "utf8" });
    return status === 0 ? stdout : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
