import type { Cells } from "../../memory/cells.js";
import type { EndlessOrder } from "../../schedule/endless.js";
import type { Flight } from "../flight.js";
import type { Dispatcher, DispatcherParts, Task } from "../realtime/dispatcher.js";
import { Learned } from "./learned.js";
import { Passes } from "./passes.js";
import { OrderProgress } from "./progress.js";

const idle = -1;

/** Places in the state: whether an item waits for stage 0, and how many items were taken in. */
const waiting = 0;
const admitted = 1;

/**
 * A fixed schedule for threads. A thread takes the next action of some device that is ready; which
 * device that is changes when things happen, not what is computed: of those that are ready the one
 * whose micro-batch is oldest, and weight gradients, on which no other device waits, last. As on
 * the virtual clock one item may wait for stage 0, and whoever ends a pass makes the updates that
 * follow it in the order.
 */
export class OrderDispatcher implements Dispatcher {
  readonly task: Task = { kind: "F", item: -1, stage: -1 };
  readonly #endless: EndlessOrder;
  readonly #parts: DispatcherParts;
  readonly #progress: OrderProgress;
  readonly #passes: Passes;
  readonly #learned: Learned;
  /** By device: place in its order of what it runs, or idle. */
  readonly #running: Float64Array;
  readonly #state: Float64Array;
  /** What this thread has begun: device, place in its order, micro-batch. */
  #device = 0;
  #index = 0;
  #microbatch = 0;

  constructor(endless: EndlessOrder, parts: DispatcherParts, cells: Cells) {
    this.#endless = endless;
    this.#parts = parts;
    this.#progress = new OrderProgress(endless, cells);
    this.#passes = new Passes(parts.executor, endless, cells);
    this.#learned = new Learned(endless, parts.latency, cells);
    this.#running = cells.doubles(endless.order.deviceCount, (running) => running.fill(idle));
    this.#state = cells.doubles(2);
  }

  get isThrough(): boolean {
    if (this.#state[waiting] === 1 || !this.#progress.isThrough) return false;
    for (const index of this.#running) if (index !== idle) return false;
    return true;
  }

  hasRoom(): boolean {
    return this.#state[waiting] === 0;
  }

  arrive(item: number, arrival: number): Flight | null {
    if (!this.hasRoom()) return null;
    const microbatch = this.#state[admitted] as number;
    this.#state[admitted] = microbatch + 1;
    this.#state[waiting] = 1;
    this.#learned.admit(microbatch, item, arrival);
    return this.#passes.admit(microbatch, item);
  }

  /** The only one that waits; so far the order does not know of it. */
  predicted(): void {
    this.#progress.admitted++;
  }

  begin(): boolean {
    let device = -1;
    let index = -1;
    let first = 0;
    for (let other = 0; other < this.#running.length; other++) {
      if (this.#running[other] !== idle) continue;
      const next = this.#progress.next(other);
      if (next < 0) continue;
      const isWeight = this.#endless.actionAt(other, next).kind === "W";
      const rank = isWeight ? Number.MAX_VALUE : this.#endless.itemAt(other, next);
      if (device >= 0 && rank >= first) continue;
      device = other;
      index = next;
      first = rank;
    }
    if (device < 0) return false;
    this.#begin(device, index);
    return true;
  }

  compute(): void {
    this.#passes.compute(this.task.kind, this.#microbatch, this.task.stage);
  }

  end(start: number, now: number): boolean {
    const { kind, item, stage } = this.task;
    const device = this.#device;
    this.#passes.end(kind, this.#microbatch, stage);
    this.#progress.end(kind, stage);
    if (kind === "U") this.#learned.update(stage, now);
    this.#parts.trace.add(kind, item, 0, stage, start, now);
    const next = this.#index + 1;
    if (this.#endless.actionAt(device, next).kind === "U") {
      this.#begin(device, next);
      return true;
    }
    this.#running[device] = idle;
    return false;
  }

  start(): void {
    this.#passes.start();
  }

  /** A fixed schedule is played to its end as it stands. */
  drain(): void {}

  finish(now: number): void {
    this.#passes.finish();
    this.#learned.finish(this.#progress.admitted, now);
  }

  #begin(device: number, index: number): void {
    const { kind, stage } = this.#endless.actionAt(device, index);
    const microbatch = this.#endless.itemAt(device, index);
    this.#progress.begin(device, index);
    this.#passes.begin(kind, microbatch, stage);
    if (kind === "F" && stage === 0) this.#state[waiting] = 0;
    this.#running[device] = index;
    this.#device = device;
    this.#index = index;
    this.#microbatch = microbatch;
    this.task.kind = kind;
    this.task.item = this.#learned.itemOf(microbatch);
    this.task.stage = stage;
  }
}
