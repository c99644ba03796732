import type { LearningAlgorithm } from "../../src/index.js";

export const batches: { values: number[]; reported: number }[];

export const predictions: { reported: number };

export function createNoted(shape: {
  readonly batch: number;
  readonly classes: number;
}): LearningAlgorithm;
