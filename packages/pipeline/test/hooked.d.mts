import type { LearningAlgorithm, StreamShape } from "../src/engine.js";

type Mode = "truth" | "none" | "nan" | "ruled out" | "finite" | "far";

export function createOwn(mode: Mode, shape: StreamShape): LearningAlgorithm;
export function createProjecting(
  shape: StreamShape,
  options: { readonly allocate?: (category: "algorithm", bytes: number) => ArrayBufferLike },
): LearningAlgorithm & { readonly products: readonly (readonly [number, number, number])[] };
