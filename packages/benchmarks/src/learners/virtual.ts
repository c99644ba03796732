import type { TimedAction } from "@ferret-ocl/pipeline";
import type { Batch, VirtualLearner as EngineLearner } from "@ferret-ocl/pipeline/engine";
import type { OnPrediction, StreamLearner } from "./contract.js";

/** A learner for which no time passes between an item's arrival and its prediction. */
export type VirtualLearner = Pick<
  EngineLearner,
  | "observe"
  | "finish"
  | "evaluate"
  | "predict"
  | "parameters"
  | "metrics"
  | "recentActions"
  | "dispose"
>;

/** Reports every prediction as it is made. */
export function virtual(
  learner: VirtualLearner,
  {
    onPrediction,
    setting: { batch },
  }: { readonly onPrediction: OnPrediction; readonly setting: { readonly batch: number } },
  actions: readonly TimedAction[] = [],
): StreamLearner {
  const predicted = new Int32Array(batch);
  return {
    observe(item: Batch) {
      const correct = learner.observe(item, predicted);
      onPrediction(correct, predicted, item.labels);
    },
    finish: () => learner.finish(),
    evaluate: (item, classes) => learner.evaluate(item, classes),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    actions: () => actions,
    metrics: () => learner.metrics(),
    recentActions: () => learner.recentActions(),
    dispose: () => learner.dispose(),
  };
}
