import type { Profile } from "@ferret-ocl/planner";
import type { RunSetting } from "./config.js";

/** Milliseconds between items to plan for; without a pace, what the threads can take. */
export function intervalOf({ arrival, pressure, threads }: RunSetting, profile: Profile): number {
  if (arrival === "max") return (profile.sequentialTime + predictionTime(profile)) / threads;
  return arrival ?? profile.sequentialTime / pressure;
}

/** Milliseconds that the prediction of an item takes. */
export function predictionTime({ layers, batch, learnBatch }: Profile): number {
  return (batch / learnBatch) * layers.reduce((sum, layer) => sum + layer.forwardTime, 0);
}
