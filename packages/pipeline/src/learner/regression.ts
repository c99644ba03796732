import { meanSquaredErrorOf } from "../execute/score-values.js";
import { readTargets } from "./read-targets.js";
import type { RegressionObservation, RegressionPrediction, Targets } from "./regressor.js";
import type { Task } from "./task.js";

const noLabels = new Int32Array(0);

/** Samples have so many values, which the model gives. */
export function regression(
  outputs: number,
): Task<Targets, RegressionPrediction, RegressionObservation> {
  const predictionOf = (values: Float32Array) => ({ value: values[0] as number, values });
  return {
    read: (given, count) => ({
      labels: noLabels,
      targets: readTargets(given, count, outputs),
    }),
    predictionOf,
    observationOf: (values, { targets }, learned) => ({
      ...predictionOf(values),
      meanSquaredError: meanSquaredErrorOf(values, targets as Float32Array, values.length),
      learned,
    }),
  };
}
