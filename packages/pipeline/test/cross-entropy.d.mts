import type { LearningAlgorithm } from "../src/index.js";

export function createCrossEntropy(
  mode: "learn" | "throw" | "exit",
  shape: { readonly batch: number; readonly classes: number },
): LearningAlgorithm;
