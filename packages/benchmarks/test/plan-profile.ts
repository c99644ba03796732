import type { Profile } from "@ferret-ocl/planner";

/** Two layers alike, of 1 and 2 ms. */
export function createLayeredProfile(): Profile {
  const layers = ["a", "b"].map((name) => ({
    name,
    forwardTime: 1,
    backwardTime: 2,
    parameterBytes: 4096,
    activationBytes: 1024,
    outputBytes: 1024,
    predictionBytes: 1024,
    innerBytes: 1024,
    lastBytes: 1024,
    gradientBytes: 1024,
    scratchBytes: 0,
  }));
  return {
    version: 1,
    model: "two",
    batch: 4,
    learnBatch: 4,
    inputBytes: 1024,
    labelBytes: 64,
    itemInputBytes: 1024,
    itemLabelBytes: 64,
    timing: "model",
    layers,
    sequentialTime: 6,
  };
}
