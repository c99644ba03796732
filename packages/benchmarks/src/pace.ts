import type { Profile } from "@ferret-ocl/planner";
import type { RunSetting } from "./setting.js";

/** Milliseconds between items to plan for; without a pace, what the threads can take. */
export function intervalOf({ arrival, pressure, threads }: RunSetting, profile: Profile): number {
  if (arrival === "max") return (learningTime(profile) + predictionTime(profile)) / threads;
  return arrival ?? profile.sequentialTime / pressure;
}

/** Milliseconds that learning from an item takes, with what an algorithm learns beside it. */
function learningTime({ layers }: Profile): number {
  return layers.reduce((sum, layer) => sum + layer.forwardTime + layer.backwardTime, 0);
}

/** Milliseconds that the prediction of an item takes. */
export function predictionTime({ layers, batch, learnBatch }: Profile): number {
  return (batch / learnBatch) * layers.reduce((sum, layer) => sum + layer.forwardTime, 0);
}
