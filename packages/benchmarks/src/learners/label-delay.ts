import type { Model } from "@ferret-ocl/pipeline";
import {
  type Batch,
  checkItem,
  type ItemShape,
  type Ledger,
  type StateParts,
  shapeOf,
} from "@ferret-ocl/pipeline/engine";
import type { RunSetting } from "../setting.js";
import type { VirtualLearner } from "./virtual.js";

export interface LabelDelayOptions {
  /** Items that arrive between an item and its labels, 1 and up. */
  readonly delay: number;
  /** Samples of an item, and values of a sample. */
  readonly batch: number;
  readonly inputLength: number;
  readonly classes: number;
  /** Where the items that wait for their labels lie. */
  readonly ledger: Ledger;
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
 * Items that wait for their labels: those of an item come with the `delay`-th one after it, those
 * of the last `delay` items never.
 */
export class LateLabels {
  readonly #waiting: readonly Batch[];
  readonly #inputs: Float32Array;
  readonly #labels: Int32Array;
  readonly #shape: ItemShape;
  #items = 0;

  constructor({ delay, ledger, ...shape }: LabelDelayOptions) {
    const { batch, inputLength } = shape;
    this.#shape = shape;
    const length = batch * inputLength;
    const inputs = ledger.floats("algorithm", delay * length);
    const labels = ledger.ints("algorithm", delay * batch);
    this.#inputs = inputs;
    this.#labels = labels;
    this.#waiting = Array.from({ length: delay }, (_, place) => ({
      x: inputs.subarray(place * length, (place + 1) * length),
      labels: labels.subarray(place * batch, (place + 1) * batch),
      size: batch,
    }));
  }

  /** To be saved. */
  get parts(): StateParts {
    return {
      inputs: this.#inputs,
      labels: this.#labels,
      items: {
        save: () => [this.#items],
        restore: ([items]) => {
          this.#items = items as number;
        },
      },
    };
  }

  /** Items so far. */
  get items(): number {
    return this.#items;
  }

  /** The item whose labels come with the next one, or null; until `push`. */
  get labelled(): Batch | null {
    return this.#items < this.#waiting.length ? null : this.#next;
  }

  /** @throws InputError where the next item is wrong. */
  check(item: Batch): void {
    checkItem(item, this.#shape, this.#items);
  }

  /** Has a copy of the item that has just come wait. */
  push(item: Batch): void {
    const { x, labels } = this.#next;
    x.set(item.x.subarray(0, x.length));
    labels.set(item.labels.subarray(0, labels.length));
    this.#items++;
  }

  get #next(): Batch {
    return this.#waiting[this.#items % this.#waiting.length] as Batch;
  }
}

/** Null where labels come with their items. */
export function lateLabelsOf(
  { setting, model }: { readonly setting: RunSetting; readonly model: Model },
  ledger: Ledger,
): LateLabels | null {
  const { labelDelay: delay, batch } = setting;
  return delay === 0 ? null : new LateLabels({ ...shapeOf(model, batch), delay, ledger });
}

/**
 * A learner whose labels come late: an item is predicted when it arrives, and offered for learning
 * only when its labels do.
 *
 * @param learnsAtOnce whether the learner, of whom no time is asked, has learned an item when
 * `observe` returns.
 */
export function withLabelDelay(
  learner: VirtualLearner,
  late: LateLabels,
  learnsAtOnce: boolean,
): VirtualLearner {
  return {
    observe(item, predicted) {
      late.check(item);
      const { labelled } = late;
      let correct: number;
      if (learnsAtOnce || !labelled) {
        correct = learner.evaluate(item, predicted);
        if (labelled) learner.observe(labelled);
      } else {
        // Brings the clock to now and takes the item in, whose updates all lie in the future.
        learner.observe(labelled);
        correct = learner.evaluate(item, predicted);
      }
      late.push(item);
      return correct;
    },
    finish: () => learner.finish(),
    evaluate: (item, predicted) => learner.evaluate(item, predicted),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    metrics: () => ({ ...learner.metrics(), items: late.items }),
    recentActions: () => learner.recentActions(),
    dispose: () => learner.dispose(),
  };
}
