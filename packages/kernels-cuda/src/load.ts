import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { kernelNames, referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import { type Candidate, cpuCandidate, cudaCandidate, isBuilt } from "./candidates.js";
import type { DeviceAddon, Devices } from "./device.js";
import { openDevices } from "./device.js";
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
    readonly rejected: readonly Rejection[];
  };
}

type Binding = VectorKernels &
  Partial<NativeProgramBinding> & {
    readonly features: { readonly oneDnn: string | null; readonly revision: number };
  };

/**
 * Revision of the calls between this package and the binary; the same number is in
 * native/binding.cc.
 */
const revision = 5;

const require = createRequire(import.meta.url);
let loaded: LoadedKernels | undefined;

/** A driver that hangs counts as none. */
const trialMilliseconds = 60_000;

/**
 * The best kernels that work here: for arrays of this process a native binary, otherwise plain
 * TypeScript; in addition those of a GPU, if there is one. The report says what was chosen, and for
 * everything else why not and what to do about it.
 *
 * A binary is first loaded in a child process, so that a crash does not take this process down.
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
  const binding = tryCandidate(cpuCandidate, probe, rejected, openKernels);
  const oneDnn = binding?.features.oneDnn ?? null;
  if (binding && oneDnn === null)
    rejected.push({
      candidate: "stage programs",
      reason: "the binary was built without oneDNN",
      remedy: "install oneDNN (Debian: libdnnl-dev) and run npm run build:native again",
    });
  const cuda = tryCandidate(cudaCandidate, probe, rejected, (addon) =>
    openDevices(addon as DeviceAddon),
  );
  return {
    kernels: binding ?? referenceKernels,
    programs:
      oneDnn === null ? null : createPrograms(binding as Binding & NativeProgramBinding, oneDnn),
    cuda,
    report: { chosen: binding ? "cpu" : "reference", rejected },
  };
}

/**
 * The native kernels of an addon.
 * @throws Error if some are missing: the addon was built from other sources than these.
 */
export function openKernels(addon: unknown): Binding {
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
  return binding;
}

/** What `open` makes of a candidate; null, and a rejection, if it cannot be used. */
function tryCandidate<T>(
  candidate: Candidate,
  probe: boolean,
  rejected: Rejection[],
  open: (addon: unknown) => T,
): T | null {
  const { name, path, remedy } = candidate;
  let reason = isBuilt(candidate) ? null : `${path} has not been built`;
  if (reason === null && probe) reason = trialComplaint(candidate);
  if (reason === null)
    try {
      return open(require(path));
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  rejected.push({ candidate: name, reason, remedy });
  return null;
}

/** Loads a candidate in a child process; why it cannot be used, or null. */
function trialComplaint({ path, trial }: Candidate): string | null {
  const script = `const addon = require(${JSON.stringify(path)}); ${trial}`;
  const { status, signal, stderr } = spawnSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
    timeout: trialMilliseconds,
  });
  if (status === 0) return null;
  const complaint = stderr?.split("\n").find((line) => line.startsWith("Error: "));
  return complaint?.slice("Error: ".length) ?? `a trial load ended with ${signal ?? status}`;
}
