import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { otherSet } from "./instruction-set.js";
import { buildRemedy } from "./remedy.js";

/** A binary that may serve the kernels. */
export interface Candidate {
  readonly name: "cpu" | "cuda";
  readonly path: string;
  /**
   * What a trial load runs, with `addon` the loaded binary: throws if the binary cannot be used.
   */
  readonly trial: string;
  /** What to do if it cannot be used. */
  readonly remedy: string;
}

/** The package's folder: this file is in its `src` or, bundled, in its `dist`. */
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const release = join(root, "build", "Release");
const isClone = existsSync(join(root, "..", "..", "scripts", "setup.mjs"));
const require = createRequire(import.meta.url);

/** The package with the binaries for this platform, wherever there is one. */
const platformPackage = `@ferret-ocl/kernels-${process.platform}-${process.arch}`;

/** Platforms that packages are made for; scripts/release/platforms.mjs has the same. */
const platforms = ["linux-x64", "linux-arm64", "darwin-arm64"];

/** Kernels on arrays of this process, built from source on this machine. */
export function builtCandidate(wanted: string | null): Candidate {
  return {
    name: "cpu",
    path: join(release, "kernels_cpu.node"),
    trial: trialOf(wanted),
    get remedy() {
      return cpuRemedy();
    },
  };
}

/** The same, built elsewhere for an instruction set; `folder` from {@link portableFolder}. */
export function portableCandidate(folder: string, instructionSet: string): Candidate {
  return {
    name: "cpu",
    path: join(folder, `kernels_cpu-${instructionSet}.node`),
    trial: trialOf(instructionSet),
    get remedy() {
      return cpuRemedy();
    },
  };
}

/** What a machine without binaries can do about it. */
export function cpuRemedy(): string {
  const build = buildRemedy(isClone ? null : root);
  // A package that is there and does not serve is not to be installed again.
  return isClone || !isOffered() || portableFolder() !== null
    ? build
    : `install ${platformPackage}, which npm does by itself unless optional packages are left out, or ${build}`;
}

/** The same where `FERRET_ISA` asks for binaries that there are none of. */
export function isaRemedy(): string {
  const without = "leave FERRET_ISA out";
  if (isClone)
    return `run npm run build:native -w @ferret-ocl/kernels-cuda -- --portable, or ${without}`;
  return isOffered() && portableFolder() === null
    ? `install ${platformPackage}, or ${without}`
    : without;
}

/** Whether a package is made for this platform; on Linux they are for glibc alone. */
function isOffered(): boolean {
  if (!platforms.includes(`${process.platform}-${process.arch}`)) return false;
  if (process.platform !== "linux") return true;
  const { header } = process.report.getReport() as { header: Record<string, unknown> };
  return header.glibcVersionRuntime !== undefined;
}

/**
 * Where the binaries for every instruction set are: the platform's package, or in a clone what
 * `build:native --portable` has built; null if there are none.
 */
export function portableFolder(): string | null {
  try {
    return dirname(require.resolve(`${platformPackage}/package.json`));
  } catch {
    const folder = join(root, "build", "Portable");
    return existsSync(join(folder, "kernels_isa.node")) ? folder : null;
  }
}

function trialOf(wanted: string | null): string {
  if (wanted === null) return "addon.features";
  const message = JSON.stringify(otherSet(wanted, ""));
  return `const { instructionSet } = addon.features;
    if (instructionSet !== ${JSON.stringify(wanted)}) throw new Error(${message} + instructionSet)`;
}

/**
 * Kernels on memory of a GPU. A separate binary, so that the other one never needs a CUDA library.
 */
export const cudaCandidate: Candidate = {
  name: "cuda",
  path: join(release, "kernels_cuda.node"),
  trial:
    'if (addon.devices().length === 0) throw new Error("Expected a CUDA device but found none")',
  remedy:
    "needs an NVIDIA GPU and its driver, and nvcc on the machine that runs npm run build:native",
};

export function isBuilt(candidate: Candidate): boolean {
  return existsSync(candidate.path);
}
