import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { type Candidate, candidates, isBuilt } from "./candidates.js";
import type { VectorKernels } from "./contract.js";
import { createPrograms, type NativeProgramBinding, type NativePrograms } from "./program.js";
import { referenceKernels } from "./reference.js";

/** A candidate that could not be used. */
export interface Rejection {
  readonly candidate: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface LoadedKernels {
  readonly kernels: VectorKernels;
  /** Stage programs on oneDNN; null where the binary has none. */
  readonly programs: NativePrograms | null;
  readonly report: {
    /** `cpu`, or `reference` for plain TypeScript. */
    readonly chosen: "cpu" | "reference";
    readonly rejected: readonly Rejection[];
  };
}

type Binding = VectorKernels &
  Partial<NativeProgramBinding> & { readonly features: { readonly oneDnn: string | null } };

const require = createRequire(import.meta.url);
let loaded: LoadedKernels | undefined;

/**
 * The best kernels that work here: a native binary, else plain TypeScript. The report says what
 * was chosen, and of everything else why not and what to do about it.
 *
 * A binary is first loaded in a child process, so that one that crashes takes nothing down.
 *
 * @param options.probe false skips the child process, for a worker thread whose main thread has
 * loaded the same binary already.
 */
export function loadKernels(options: { probe?: boolean } = {}): LoadedKernels {
  loaded ??= load(options.probe ?? true);
  return loaded;
}

function load(probe: boolean): LoadedKernels {
  const rejected: Rejection[] = [];
  for (const candidate of candidates()) {
    const reason = rejection(candidate, probe);
    if (reason !== null) {
      rejected.push({ candidate: candidate.name, reason, remedy: candidate.remedy });
      continue;
    }
    const binding = require(candidate.path) as Binding;
    const { oneDnn } = binding.features;
    if (oneDnn === null)
      rejected.push({
        candidate: "stage programs",
        reason: "the binary was built without oneDNN",
        remedy: "install oneDNN (Debian: libdnnl-dev) and run npm run build:native again",
      });
    return {
      kernels: binding,
      programs:
        oneDnn === null ? null : createPrograms(binding as Binding & NativeProgramBinding, oneDnn),
      report: { chosen: candidate.name, rejected },
    };
  }
  return {
    kernels: referenceKernels,
    programs: null,
    report: { chosen: "reference", rejected },
  };
}

/** Why a candidate cannot be used, or null where it can. */
function rejection(candidate: Candidate, probe: boolean): string | null {
  if (!isBuilt(candidate)) return `${candidate.path} has not been built`;
  if (!probe) return null;
  const trial = spawnSync(process.execPath, ["-e", `require(${JSON.stringify(candidate.path)})`], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  if (trial.status === 0) return null;
  const complaint = trial.stderr?.split("\n").find((line) => line.startsWith("Error: "));
  return (
    complaint?.slice("Error: ".length) ?? `a trial load ended with ${trial.signal ?? trial.status}`
  );
}
