import type { Batch, Ledger } from "@ferret-ocl/pipeline";
import type { VirtualLearner } from "./virtual.js";

export interface LabelDelayOptions {
  /** Items that arrive between an item and its labels, 1 and up. */
  readonly delay: number;
  /** Samples of an item, and values of a sample. */
  readonly batch: number;
  readonly inputLength: number;
  /** Where the items that wait for their labels lie. */
  readonly ledger: Ledger;
  /** Whether the learner, of whom no time is asked, has learned an item when `observe` returns. */
  readonly learnsAtOnce: boolean;
}

/** Bytes of the items that wait for their labels, as the ledger counts them. */
export function labelDelayBytes({
  delay,
  batch,
  inputLength,
}: Pick<LabelDelayOptions, "delay" | "batch" | "inputLength">): number {
  const align = (bytes: number) => Math.ceil(bytes / 64) * 64;
  return align(4 * delay * batch * inputLength) + align(4 * delay * batch);
}

/**
 * A learner whose labels come late: an item is predicted when it arrives, and offered for learning
 * only when its labels do, with the `delay`-th item after it. The labels of the last `delay` items
 * never come.
 */
export function withLabelDelay(
  learner: VirtualLearner,
  { delay, batch, inputLength, ledger, learnsAtOnce }: LabelDelayOptions,
): VirtualLearner {
  const length = batch * inputLength;
  const inputs = ledger.floats("algorithm", delay * length);
  const labels = ledger.ints("algorithm", delay * batch);
  let items = 0;
  return {
    observe(item) {
      const place = items % delay;
      const waiting: Batch = {
        x: inputs.subarray(place * length, (place + 1) * length),
        labels: labels.subarray(place * batch, (place + 1) * batch),
        size: batch,
      };
      const isLabelled = items >= delay;
      items++;
      let correct: number;
      if (learnsAtOnce || !isLabelled) {
        correct = learner.evaluate(item);
        if (isLabelled) learner.observe(waiting);
      } else {
        // Brings the clock to now and takes the item in, whose updates all lie in the future.
        learner.observe(waiting);
        correct = learner.evaluate(item);
      }
      waiting.x.set(item.x.subarray(0, length));
      waiting.labels.set(item.labels.subarray(0, batch));
      return correct;
    },
    finish: () => learner.finish(),
    evaluate: (item) => learner.evaluate(item),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    metrics: () => ({ ...learner.metrics(), items }),
    dispose: () => learner.dispose(),
  };
}
