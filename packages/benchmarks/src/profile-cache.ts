import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Compensator, compensatorNames, type VectorKernels } from "@ferret-ocl/compensation";
import { type MeasuredProfile, type Model, profileModel, type Runtime } from "@ferret-ocl/pipeline";
import { pipelineCompensator } from "@ferret-ocl/pipeline/engine";
import { parseProfile } from "@ferret-ocl/planner";
import { announce } from "./announce.js";
import { cacheFolder, gitRevision, profiledMachine } from "./environment.js";
import { readText, writeWhole } from "./files.js";
import { makeFolder } from "./folders.js";
import { parseJson } from "./input-file.js";
import { ProgressLine } from "./progress.js";

export interface MeasureOptions {
  readonly model: Model;
  readonly runtime: Runtime;
  /** What compensators work with. */
  readonly kernels: VectorKernels;
  /** Samples of an item. */
  readonly batch: number;
  /** Samples that are learned together. */
  readonly learnBatch: number;
  /** Measure even where a profile is kept. */
  readonly fresh?: boolean;
}

/** Raised when measuring or the native programs change: what was kept before is then no use. */
const method = 5;

/** All that take time. */
export function compensatorsWith(kernels: VectorKernels): Compensator<never>[] {
  const names = compensatorNames.filter((name) => name !== "none");
  return names.map((name) => pipelineCompensator(name, kernels) as Compensator<never>);
}

/**
 * This machine's profile of a model: measured once for each processor, runtime, model, batch and
 * revision of this program, then kept in the cache folder. One thread computes while it is measured.
 */
export function measuredProfile(options: MeasureOptions): MeasuredProfile {
  const { model, runtime, kernels, batch, learnBatch, fresh = false } = options;
  const machine = profiledMachine();
  const program = gitRevision();
  const key = JSON.stringify([
    method,
    program,
    machine,
    runtime.description,
    model,
    batch,
    learnBatch,
  ]);
  const name = `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`;
  const folder = join(cacheFolder(), "profiles");
  const file = join(folder, name);
  const kept = fresh ? null : readKept(file);
  if (kept) return kept;
  const line = new ProgressLine(`measuring ${model.name}`, model.layers.length, "layers");
  const profile = profileModel({
    model,
    runtime,
    batch,
    learnBatch,
    timing: "measured",
    compensators: compensatorsWith(kernels),
    machine,
    onProgress: (done) => line.update(done),
  });
  line.clear();
  keep(folder, file, profile);
  return profile;
}

/** Folders that could not be written. */
const toldOf = new Set<string>();

/** What cannot be kept is measured again the next time, no more. */
function keep(folder: string, file: string, profile: MeasuredProfile): void {
  try {
    makeFolder(folder);
    writeWhole(file, JSON.stringify(profile));
  } catch (error) {
    if (toldOf.has(folder)) return;
    toldOf.add(folder);
    announce([
      `the measured profile could not be kept in ${folder} (${(error as Error).message}), so the ` +
        "next run measures again; name a folder that can be written in FERRET_CACHE_DIR",
    ]);
  }
}

/** A file that was damaged or written by another version is measured anew. */
function readKept(file: string): MeasuredProfile | null {
  if (!existsSync(file)) return null;
  try {
    const value = parseJson(readText(file, "a measured profile")) as MeasuredProfile;
    parseProfile(value);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || (error as { code?: string }).code === "FERRET_INPUT")
      return null;
    throw error;
  }
}
