import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A binary that may serve the kernels, in order of preference. */
export interface Candidate {
  readonly name: "cpu";
  readonly path: string;
  /** What to do where it cannot be used. */
  readonly remedy: string;
}

/** The package's folder: this file lies in its `src` or, bundled, in its `dist`. */
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Every binary this version knows of, built or not. */
export function candidates(): Candidate[] {
  return [
    {
      name: "cpu",
      path: join(root, "build", "Release", "kernels_cpu.node"),
      remedy: "run npm run build:native in @ferret-ocl/kernels-cuda (needs g++, cmake and make)",
    },
  ];
}

export function isBuilt(candidate: Candidate): boolean {
  return existsSync(candidate.path);
}
