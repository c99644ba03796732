import type { LearningAlgorithm } from "@ferret-ocl/pipeline";

export declare const pause: number;
export declare function createSlow(...parts: unknown[]): LearningAlgorithm;
