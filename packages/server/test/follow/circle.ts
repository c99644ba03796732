import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LearnerOptions } from "@ferret-ocl/pipeline";
import { afterAll } from "vitest";

/** A small learner of points inside and outside of a circle, on the virtual clock. */
export const circleLearner: LearnerOptions = {
  model: [
    { class_name: "Dense", config: { units: 8, activation: "relu" } },
    { class_name: "Dense", config: { units: 2 } },
  ],
  inputShape: [2],
  classes: 2,
  batch: 4,
  arrivalInterval: "1ms",
  clock: { kind: "virtual" },
  learningRate: 0.1,
};

export function pointAt(k: number): number[] {
  return [3 * ((k * 0.618) % 1) - 1.5, 3 * ((k * 0.755) % 1) - 1.5];
}

export function classOf(point: readonly number[]): number {
  return Math.hypot(...point) < 1 ? 1 : 0;
}

/** Folders that are removed at the end of a test file. */
export function temporaryFolders(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "ferret-server-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
