import { SequentialCore, type SequentialOptions } from "./sequential.js";
import type { VirtualLearner } from "./virtual.js";

/** Learns every item in order while no time passes: what a learner of unlimited speed reaches. */
export function createOracle(options: SequentialOptions): VirtualLearner {
  const core = new SequentialCore(options);
  return {
    observe(item) {
      const correct = core.executor.predict(item);
      core.items++;
      core.admitted++;
      core.trainer.admit(item);
      core.trainer.learn();
      return correct;
    },
    finish() {},
    evaluate: (item) => core.executor.predict(item),
    predict: (item) => core.executor.logits(item),
    parameters: () => core.parameters(),
    metrics: () => core.metrics(0),
    dispose: () => core.executor.dispose(),
  };
}
