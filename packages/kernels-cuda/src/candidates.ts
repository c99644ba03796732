import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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
const release = join(dirname(fileURLToPath(import.meta.url)), "..", "build", "Release");

/** Kernels on arrays of this process. */
export const cpuCandidate: Candidate = {
  name: "cpu",
  path: join(release, "kernels_cpu.node"),
  trial: "addon.features",
  remedy:
    "run npm run setup in a clone, or npm run build:native in @ferret-ocl/kernels-cuda " +
    "(needs g++, cmake, make and, for stage programs, oneDNN; Debian: g++ cmake make libdnnl-dev)",
};

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
