import type { ThreadsLearnerBase } from "@ferret-ocl/pipeline/engine";
import type { StreamLearner } from "./contract.js";
import type { LateLabels } from "./label-delay.js";

/**
 * A learner on threads, which reports its predictions by itself.
 *
 * @param late items that wait for their labels; null where labels come with them.
 */
export function threaded(
  learner: ThreadsLearnerBase,
  threads: number,
  late: LateLabels | null,
): StreamLearner {
  return {
    async observe(item) {
      await (late ? learner.observe(item, late.labelled) : learner.observe(item));
      late?.push(item);
    },
    finish: () => learner.finish(),
    evaluate: (item, predicted) => learner.evaluate(item, predicted),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    actions: () => learner.actions(),
    metrics: () => learner.metrics(),
    recentActions: () => learner.recentActions(),
    threads: () => {
      const { mostLate, effort } = learner.metrics();
      return { count: threads, mostLate, ...effort };
    },
    dispose: () => learner.dispose(),
  };
}
