import type { Profile } from "@ferret-ocl/planner";

/** Milliseconds between items that threads can just take: each is predicted, and learned. */
export function fastestInterval(profile: Profile, threads: number): number {
  return (learningTime(profile) + predictionTime(profile)) / threads;
}

/** Milliseconds that learning from an item takes, with what an algorithm learns beside it. */
function learningTime({ layers }: Profile): number {
  return layers.reduce((sum, layer) => sum + layer.forwardTime + layer.backwardTime, 0);
}

/** Milliseconds that the prediction of an item takes. */
export function predictionTime({ layers, batch, learnBatch }: Profile): number {
  return (batch / learnBatch) * layers.reduce((sum, layer) => sum + layer.forwardTime, 0);
}
