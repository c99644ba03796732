import { NewCells } from "../../memory/cells.js";
import type { Action, TimedAction } from "../../schedule/action.js";
import type { EndlessOrder } from "../../schedule/endless.js";
import type { ActionTimes } from "../../schedule/order.js";
import type { Batch } from "../algorithm.js";
import { CollapseWatch } from "../collapse.js";
import type { Executor } from "../execute.js";
import { DurationHistogram } from "../histogram.js";
import { nanoseconds } from "../virtual-time.js";
import { Learned } from "./learned.js";
import { Passes } from "./passes.js";
import { OrderProgress } from "./progress.js";

export interface ScheduledEngineOptions {
  readonly endless: EndlessOrder;
  /** Built with `scheduleSlots(endless)`. */
  readonly executor: Executor;
  /** By stage, milliseconds. */
  readonly times: readonly ActionTimes[];
  /** Milliseconds between two items. */
  readonly arrivalInterval: number;
  /** Called with every action when it ends. */
  readonly onAction?: ((action: TimedAction) => void) | undefined;
}

const idle = -1;
const never = Number.POSITIVE_INFINITY;

/**
 * A fixed schedule on a virtual clock, with the same executor and clock rules as Ferret's own
 * engine: whole nanoseconds, math when an action ends, at each instant first what ends, then what
 * starts. An item of the stream is a micro-batch. One may wait for stage 0, as in Ferret's
 * pipeline; those that come meanwhile are predicted and dropped.
 */
export class ScheduledEngine {
  readonly latency = new DurationHistogram(new NewCells());
  readonly watch: CollapseWatch;
  items = 0;
  admitted = 0;
  dropped = 0;
  readonly #options: ScheduledEngineOptions;
  readonly #interval: number;
  readonly #progress: OrderProgress;
  readonly #passes: Passes;
  readonly #learned: Learned;
  /** By device: place in its order of what it runs, or idle; its start and end. */
  readonly #running: number[];
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** Whether an admitted item waits for stage 0. */
  #isWaiting = false;
  #arrival = 0;
  #now = 0;

  constructor(options: ScheduledEngineOptions) {
    const { endless, executor, arrivalInterval } = options;
    const { deviceCount } = endless.order;
    this.#options = options;
    this.watch = new CollapseWatch(executor.itemShape);
    this.#interval = nanoseconds(arrivalInterval);
    const cells = new NewCells();
    this.#progress = new OrderProgress(endless, cells);
    this.#passes = new Passes(executor, endless, cells);
    this.#passes.start();
    this.#learned = new Learned(endless, this.latency, cells);
    this.#running = new Array<number>(deviceCount).fill(idle);
    this.#starts = new Float64Array(deviceCount);
    this.#ends = new Float64Array(deviceCount).fill(never);
  }

  /**
   * The next item arrives: it is predicted with the newest weights, then admitted or dropped.
   * Gives the number of samples predicted right.
   * @param predicted where the class predicted of each sample is written.
   * @throws InputError where the item is wrong: it does not count then, nor does time pass.
   */
  observe(item: Batch, predicted?: Int32Array): number {
    const index = this.items++;
    // After `finish`, which takes time, the stream goes on from there.
    const arrival = Math.max(this.#arrival, this.#now);
    this.#arrival = arrival + this.#interval;
    this.#runUntil(arrival);
    this.#now = arrival;
    const { executor } = this.#options;
    const correct = executor.predict(item, predicted);
    this.watch.add(index, executor.onlyClass, item.labels, executor.isSound);
    if (this.#isWaiting) {
      this.dropped++;
      return correct;
    }
    const microbatch = this.#progress.admitted++;
    this.admitted++;
    this.#isWaiting = true;
    this.#learned.admit(microbatch, index, arrival);
    executor.compose(this.#passes.admit(microbatch, index), item);
    this.#dispatch();
    return correct;
  }

  /**
   * Lets every admitted item finish and makes the update that a begun flush is gathering for. The
   * order begins anew with the next item.
   */
  finish(): void {
    this.#runUntil(never);
    this.#passes.finish();
    this.#learned.finish(this.#progress.admitted, this.#now);
    this.#progress.reset();
    this.#passes.start();
  }

  #runUntil(time: number): void {
    for (;;) {
      let next = never;
      for (const end of this.#ends) next = Math.min(next, end);
      if (next > time || next === never) return;
      this.#now = next;
      for (let device = 0; device < this.#ends.length; device++)
        if (this.#ends[device] === next) this.#complete(device);
      this.#dispatch();
    }
  }

  /** Every free device begins what its order says. */
  #dispatch(): void {
    const { endless } = this.#options;
    for (let device = 0; device < this.#running.length; device++) {
      if (this.#running[device] !== idle) continue;
      const index = this.#progress.next(device);
      if (index >= 0) this.#start(device, index, endless.actionAt(device, index));
    }
  }

  #start(device: number, index: number, { kind, stage }: Action): void {
    this.#progress.begin(device, index);
    this.#passes.begin(kind, this.#options.endless.itemAt(device, index), stage);
    if (kind === "F" && stage === 0) this.#isWaiting = false;
    this.#running[device] = index;
    this.#starts[device] = this.#now;
    this.#ends[device] = this.#now + this.#duration(kind, stage);
  }

  #complete(device: number): void {
    const index = this.#running[device] as number;
    const action = this.#options.endless.actionAt(device, index);
    const { kind, stage } = action;
    const microbatch = this.#options.endless.itemAt(device, index);
    this.#passes.compute(kind, microbatch, stage);
    this.#passes.end(kind, microbatch, stage);
    this.#progress.end(kind, stage);
    this.#trace(action, microbatch, this.#starts[device] as number);
    this.#running[device] = idle;
    this.#ends[device] = never;
    this.#update(device, index + 1);
  }

  /** Updates take no time: those that follow a pass in the order are made when that ends. */
  #update(device: number, index: number): void {
    const { endless } = this.#options;
    const action = endless.actionAt(device, index);
    const { kind, stage } = action;
    if (kind !== "U") return;
    const microbatch = endless.itemAt(device, index);
    this.#progress.begin(device, index);
    this.#passes.begin(kind, microbatch, stage);
    this.#passes.compute(kind, microbatch, stage);
    this.#passes.end(kind, microbatch, stage);
    this.#trace(action, microbatch, this.#now);
    this.#learned.update(stage, this.#now);
    this.#update(device, index + 1);
  }

  #duration(kind: Action["kind"], stage: number): number {
    const { endless, times } = this.#options;
    const { forward, backward, weight } = times[stage] as ActionTimes;
    if (kind === "F") return nanoseconds(forward);
    if (kind === "W") return nanoseconds(weight);
    return nanoseconds(endless.order.splitsBackward ? backward : backward + weight);
  }

  #trace({ kind, stage, worker }: Action, microbatch: number, start: number): void {
    const { onAction } = this.#options;
    if (!onAction) return;
    const item = this.#learned.itemOf(microbatch);
    onAction({ kind, item, worker, stage, start: start / 1e6, end: this.#now / 1e6 });
  }
}
