import type { VirtualLearner } from "../learners/virtual.js";
import type { Method } from "./contract.js";
import {
  learnTime,
  prepareSequential,
  SequentialCore,
  type SequentialOptions,
} from "./sequential.js";

interface OneSkipOptions extends SequentialOptions {
  /** Milliseconds between items. */
  readonly arrivalInterval: number;
  /** Milliseconds that the whole model takes for one learned batch, forward and backward. */
  readonly learnTime: number;
}

/**
 * Learns the item that arrives while it is idle and drops those that arrive while it is busy; its
 * update takes effect when the learning has ended. Times are whole nanoseconds, as in the
 * pipeline's virtual engine.
 */
function createOneSkip(options: OneSkipOptions): VirtualLearner {
  const core = new SequentialCore(options);
  const interval = Math.max(1, Math.round(options.arrivalInterval * 1e6));
  const learnTime = Math.max(1, Math.round(options.learnTime * 1e6));
  let busyUntil = Number.NEGATIVE_INFINITY;
  let learning = false;
  const complete = () => {
    if (learning) core.learn();
    learning = false;
  };
  return {
    observe(item, predicted) {
      core.check(item);
      const now = core.items * interval;
      if (now >= busyUntil) complete();
      const correct = core.arrive(item, predicted);
      if (!learning) {
        core.admitted++;
        core.trainer.admit(item, core.items - 1);
        learning = true;
        busyUntil = now + learnTime;
      }
      return correct;
    },
    finish: complete,
    evaluate: (item, predicted) => core.evaluate(item, predicted),
    predict: (item) => core.predict(item),
    parameters: () => core.parameters(),
    metrics: () => core.metrics(learnTime / 1e6),
    dispose: () => core.executor.dispose(),
  };
}

export const oneSkip: Method = {
  summary: "trains the whole model on one item and drops what arrives meanwhile",
  label: () => "1-Skip",
  isPlanned: false,
  prepare(request) {
    const { arrivalInterval } = request;
    const learning = request.learning(1);
    return prepareSequential(request, learning, (options) =>
      createOneSkip({ ...options, arrivalInterval, learnTime: learnTime(learning.profile) }),
    );
  },
};
