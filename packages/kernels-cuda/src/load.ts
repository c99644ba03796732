import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  InputError,
  kernelNames,
  referenceKernels,
  type VectorKernels,
} from "@ferret-ocl/compensation";
import {
  builtCandidate,
  type Candidate,
  cpuRemedy,
  cudaCandidate,
  isaRemedy,
  isBuilt,
  portableCandidate,
  portableFolder,
} from "./candidates.js";
import type { DeviceAddon, Devices } from "./device.js";
import { openDevices } from "./device.js";
import { chooseInstructionSet, otherSet, wantedInstructionSet } from "./instruction-set.js";
import { createPrograms, type NativeProgramBinding, type NativePrograms } from "./program.js";

/** A candidate that could not be used. */
export interface Rejection {
  readonly candidate: string;
  readonly reason: string;
  readonly remedy: string;
}

/** What `loadKernels` found, and what it rejected. */
export interface LoadedKernels {
  readonly kernels: VectorKernels;
  /** Stage programs on oneDNN; null if the binary has none. */
  readonly programs: NativePrograms | null;
  /** Memory and kernels of the GPUs; null if there is no GPU, or no binary for it. */
  readonly cuda: Devices | null;
  readonly report: {
    /** `cpu`, or `reference` for plain TypeScript. */
    readonly chosen: "cpu" | "reference";
    /**
     * What the binary was compiled for: `avx512`, `avx2`, `sse41`, `neon`, or where it was built
     * for a machine with none of them `sse2` or `generic`; null for plain TypeScript.
     */
    readonly instructionSet: string | null;
    /** Path of the binary; null for plain TypeScript. */
    readonly binary: string | null;
    readonly rejected: readonly Rejection[];
  };
}

type Binding = VectorKernels &
  Partial<NativeProgramBinding> & {
    readonly features: {
      readonly oneDnn: string | null;
      readonly instructionSet: string;
      readonly revision: number;
    };
  };

/**
 * Revision of the calls between this package and the binary; the same number is in
 * native/binding.cc.
 */
const revision = 6;

const require = createRequire(import.meta.url);
let loaded: LoadedKernels | undefined;

/** A driver that hangs counts as none. */
const trialMilliseconds = 60_000;

/**
 * The best kernels that work here: for arrays of this process a native binary, otherwise plain
 * TypeScript; in addition those of a GPU, if there is one. The report says what was chosen, and for
 * everything else why not and what to do about it.
 *
 * A binary is first loaded in a child process, so that a crash does not take this process down. One
 * that was built on this machine goes before the one of the platform's package, unless it lacks
 * oneDNN or `FERRET_ISA` names an instruction set that the package has a binary for.
 *
 * @param options.probe false skips the child process, for a worker thread whose main thread has
 * loaded the same binary already.
 * @throws InputError if `FERRET_ISA` asks for an instruction set that is unknown, that this machine lacks
 * or that there is no binary for.
 */
export function loadKernels(options: { probe?: boolean } = {}): LoadedKernels {
  loaded ??= load(options.probe ?? true);
  return loaded;
}

function load(probe: boolean): LoadedKernels {
  const rejected: Rejection[] = [];
  const wanted = wantedInstructionSet();
  const open = (addon: unknown) => openKernels(addon, wanted);
  const built = builtCandidate(wanted);
  const ours = isBuilt(built) ? built : null;
  const isOursFirst = ours !== null && wanted === null;
  const first = isOursFirst ? ours : (findPortable(wanted, rejected) ?? built);
  const [cpuComplaint, cudaComplaint] = complaintsOf([first, cudaCandidate], probe);
  let binary = first;
  let binding = tryCandidate(first, cpuComplaint, rejected, open);
  const second = binding?.features.oneDnn
    ? null
    : isOursFirst
      ? findPortable(wanted, rejected)
      : ours;
  if (second !== null && second !== first) {
    const [complaint] = complaintsOf([second], probe);
    const other = tryCandidate(second, complaint, rejected, open);
    if (other) [binding, binary] = [other, second];
  }
  if (!binding && wanted !== null) {
    const reasons = rejected.map(({ reason }) => reason).join("; ");
    throw new InputError(
      `Expected a binary of the kernels for FERRET_ISA=${wanted} but found none (${reasons}): ${isaRemedy()}`,
    );
  }
  const oneDnn = binding?.features.oneDnn ?? null;
  if (binding && oneDnn === null)
    rejected.push({
      candidate: "stage programs",
      reason: "the binary was built without oneDNN",
      remedy: cpuRemedy(),
    });
  const cuda = tryCandidate(cudaCandidate, cudaComplaint, rejected, (addon) =>
    openDevices(addon as DeviceAddon),
  );
  return {
    kernels: binding ?? referenceKernels,
    programs:
      binding && oneDnn !== null
        ? createPrograms(binding as Binding & NativeProgramBinding, {
            oneDnn,
            instructionSet: binding.features.instructionSet,
          })
        : null,
    cuda,
    report: {
      chosen: binding ? "cpu" : "reference",
      instructionSet: binding?.features.instructionSet ?? null,
      binary: binding ? binary.path : null,
      rejected,
    },
  };
}

/**
 * The binary of the platform's package for this machine; null, with the reason among the rejected
 * where there is such a package, if it cannot serve.
 */
function findPortable(wanted: string | null, rejected: Rejection[]): Candidate | null {
  const folder = portableFolder();
  if (folder === null) return null;
  const reject = (reason: string) => {
    rejected.push({ candidate: "cpu", reason, remedy: cpuRemedy() });
    return null;
  };
  let supported: readonly string[];
  try {
    supported = require(join(folder, "kernels_isa.node")).supported;
  } catch (error) {
    return reject(error instanceof Error ? error.message : String(error));
  }
  const chosen = chooseInstructionSet(wanted, supported);
  if (chosen !== null) return portableCandidate(folder, chosen);
  return reject(`this machine has none of the instruction sets of the binaries in ${folder}`);
}

/**
 * The native kernels of an addon.
 * @throws Error if some are missing: the addon was built from other sources than these; or if it is
 * for another instruction set than the one wanted.
 */
export function openKernels(addon: unknown, wanted: string | null = null): Binding {
  const binding = addon as Binding;
  const missing = kernelNames.filter((name) => typeof binding[name] !== "function");
  if (missing.length > 0)
    throw new Error(
      `the binary has no ${missing.join(" and no ")}, so it is older than this package`,
    );
  const found = binding.features?.revision ?? 1;
  if (found !== revision)
    throw new Error(
      `the binary is of revision ${found}, where this package needs revision ${revision}`,
    );
  const set = binding.features.instructionSet;
  if (wanted !== null && set !== wanted) throw new Error(otherSet(wanted, set));
  return binding;
}

/** What `open` makes of a candidate; null, and a rejection, if it cannot be used. */
function tryCandidate<T>(
  candidate: Candidate,
  complaint: string | null | undefined,
  rejected: Rejection[],
  open: (addon: unknown) => T,
): T | null {
  let reason = complaint ?? null;
  if (reason === null)
    try {
      return open(require(candidate.path));
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  rejected.push({ candidate: candidate.name, reason, remedy: candidate.remedy });
  return null;
}

/** Why candidates cannot be used, as far as that is known before they are loaded here; null: it is not. */
function complaintsOf(candidates: readonly Candidate[], probe: boolean): (string | null)[] {
  const built = candidates.filter(isBuilt);
  const complaints = probe ? trialComplaints(built) : built.map(() => null);
  return candidates.map((candidate) => {
    const at = built.indexOf(candidate);
    return at < 0 ? `${candidate.path} has not been built` : (complaints[at] as string | null);
  });
}

/** Loads candidates in a child process; why each cannot be used, or null. */
export function trialComplaints(candidates: readonly Candidate[]): (string | null)[] {
  if (candidates.length === 0) return [];
  // What they print themselves is not read.
  const tries = candidates.map(
    ({ path, trial }) => `
      try { const addon = require(${JSON.stringify(path)}); ${trial}; complaints.push(null); }
      catch (error) { complaints.push(String(error.message)); }`,
  );
  const script = `const complaints = []; ${tries.join("")}
    require("node:fs").writeSync(3, JSON.stringify(complaints));`;
  const { status, signal, output } = spawnSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    timeout: trialMilliseconds,
  });
  if (status === 0) return JSON.parse(output[3] as string);
  // Together they take half the time, but do not tell which of them ended it.
  if (candidates.length > 1) return candidates.flatMap((candidate) => trialComplaints([candidate]));
  return [`a trial load ended with ${signal ?? status}`];
}
