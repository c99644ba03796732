import type { Batch, Learner, TimedAction } from "@ferret-ocl/pipeline";
import type { StreamLearner } from "./contract.js";

/** A learner for which no time passes between an item's arrival and its prediction. */
export type VirtualLearner = Pick<
  Learner,
  "observe" | "finish" | "evaluate" | "predict" | "parameters" | "metrics" | "dispose"
>;

/** Reports every prediction as it is made. */
export function virtual(
  learner: VirtualLearner,
  onPrediction: (correct: number) => void,
  actions: readonly TimedAction[] = [],
): StreamLearner {
  return {
    observe: (item: Batch) => onPrediction(learner.observe(item)),
    finish: () => learner.finish(),
    evaluate: (item) => learner.evaluate(item),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    actions: () => actions,
    metrics: () => learner.metrics(),
    dispose: () => learner.dispose(),
  };
}
