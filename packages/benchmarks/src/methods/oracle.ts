import type { VirtualLearner } from "../learners/virtual.js";
import type { Method } from "./contract.js";
import { prepareSequential, SequentialCore, type SequentialOptions } from "./sequential.js";

/** Learns every item in order while no time passes: what a learner of unlimited speed reaches. */
function createOracle(options: SequentialOptions): VirtualLearner {
  const core = new SequentialCore(options);
  return {
    observe(item, predicted) {
      core.check(item);
      const correct = core.arrive(item, predicted);
      core.admitted++;
      core.trainer.admit(item, core.items - 1);
      core.learn();
      return correct;
    },
    finish() {},
    evaluate: (item, predicted) => core.evaluate(item, predicted),
    predict: (item) => core.predict(item),
    parameters: () => core.parameters(),
    metrics: () => core.metrics(0),
    dispose: () => core.executor.dispose(),
  };
}

export const oracle: Method = {
  summary: "learns every item at once, as if no time passed: what unlimited speed would reach",
  label: () => "Oracle",
  isPlanned: false,
  prepare: (request) =>
    prepareSequential(request, request.learning(1), createOracle, { learnsAtOnce: true }),
};
