import { DurationHistogram, NewCells, shapeOf } from "@ferret-ocl/pipeline";
import type { VirtualLearner } from "../learners/virtual.js";
import type { MethodRequest, Prepared } from "./contract.js";
import {
  learnTime,
  prepareSequential,
  SequentialCore,
  type SequentialOptions,
} from "./sequential.js";
import { WaitingItems, waitingBytes } from "./waiting-items.js";

/** B and N: items that wait at the most, and items that are learned at once. */
export interface SkipSizes {
  readonly waiting: number;
  readonly atOnce: number;
}

/** Ours: the paper names none. */
export const defaultSizes: SkipSizes = { waiting: 8, atOnce: 4 };

/** Chooses what is learned of the items that wait. */
export interface Choice {
  /**
   * Brings the samples of so many items to the front.
   * @param count at least 1, at most as many items as wait.
   */
  choose(waiting: WaitingItems, count: number): void;
  /** Items that are let go of with the chosen ones, in the front too; default: those alone. */
  readonly usesUpAll?: boolean;
  /** Milliseconds that choosing among so many items takes; default 0: no time worth counting. */
  choosingTime?(waiting: number, count: number): number;
}

export interface BSkipOptions extends SequentialOptions {
  readonly sizes: SkipSizes;
  readonly inputLength: number;
  /** Milliseconds between items. */
  readonly arrivalInterval: number;
  /** Milliseconds that learning 1, 2, .. N items at once takes, forward and backward. */
  readonly learnTimes: readonly number[];
  /** Made on the core whose model it may ask. */
  readonly choice: (core: SequentialCore) => Choice;
}

/**
 * Batch skip: the newest B items that were not learned wait; whenever the learner is idle it takes
 * N of them, or all if they are fewer, and makes one step on them together.
 *
 * ```
 * item       0 1 2 3 4 5 6 7 8 ...       B = 4, N = 2, an item is learned in 3 intervals
 * learning   |0    |2,3        |...      Last-N; 1 waits on until 4 others wait
 * ```
 *
 * An item is pushed out unlearned when B newer ones wait. The step takes effect when its time is
 * over. What still waits when the stream ends counts as dropped. Times are whole nanoseconds.
 */
export function createBSkip(options: BSkipOptions): VirtualLearner {
  const { sizes, batch, inputLength, ledger } = options;
  const core = new SequentialCore(options);
  const waiting = new WaitingItems({ capacity: sizes.waiting, batch, inputLength }, ledger);
  const choice = options.choice(core);
  const latencies = new DurationHistogram(new NewCells());
  const nanoseconds = (milliseconds: number) => Math.max(1, Math.round(milliseconds * 1e6));
  const interval = nanoseconds(options.arrivalInterval);
  let busyUntil = 0;
  let learning = false;

  function begin(now: number): void {
    const { size } = waiting;
    if (learning || size === 0) return;
    const count = Math.min(sizes.atOnce, size);
    const choosing = choice.choosingTime?.(size, count) ?? 0;
    choice.choose(waiting, count);
    busyUntil = now + nanoseconds(choosing + (options.learnTimes[count - 1] as number));
    for (let sample = 0; sample < count * batch; sample++)
      latencies.add(busyUntil - (waiting.arrivals[sample] as number));
    core.trainer.admit(waiting.front(count * batch), core.items - 1);
    waiting.removeFront(choice.usesUpAll ? size : count);
    core.admitted += count;
    learning = true;
  }

  function complete(): void {
    if (learning) core.learn();
    learning = false;
  }

  return {
    observe(item, predicted) {
      core.check(item);
      const now = core.items * interval;
      while (learning && busyUntil <= now) {
        complete();
        // An item that comes at this very moment may be chosen too.
        if (busyUntil < now) begin(busyUntil);
      }
      const correct = core.arrive(item, predicted);
      waiting.push(item, now);
      begin(now);
      return correct;
    },
    finish: complete,
    evaluate: (item, predicted) => core.evaluate(item, predicted),
    predict: (item) => core.predict(item),
    parameters: () => core.parameters(),
    metrics: () => core.metrics(latencies),
    dispose: () => core.executor.dispose(),
  };
}

/** What a batch skip is told of a run: sizes and times. */
export function skipOptions(request: MethodRequest) {
  const { setting, model, arrivalInterval } = request;
  const { inputLength } = shapeOf(model, setting.batch);
  const learnTimes = Array.from({ length: defaultSizes.atOnce }, (_, index) =>
    learnTime(request.learning(index + 1).profile),
  );
  return { sizes: defaultSizes, inputLength, arrivalInterval, learnTimes };
}

/** Bytes of the items that wait in a run. */
export function skipBytes({ setting: { batch }, model }: MethodRequest): { queue: number } {
  const { inputLength } = shapeOf(model, batch);
  return { queue: waitingBytes({ capacity: defaultSizes.waiting, batch, inputLength }) };
}

/** Batch skip as a method, by what it chooses of the items that wait. */
export function prepareBSkip(request: MethodRequest, choice: () => Choice): Prepared {
  return prepareSequential(
    request,
    request.learning(defaultSizes.atOnce),
    (options) => createBSkip({ ...options, ...skipOptions(request), choice }),
    { moreBytes: skipBytes(request) },
  );
}
