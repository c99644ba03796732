import type { Batch } from "../execute/algorithm.js";
import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";
import type { ActionKind } from "../schedule/action.js";
import type { EndlessOrder } from "../schedule/endless.js";
import type { Course, CourseParts, Task } from "./contract.js";
import { Learned } from "./learned.js";
import { OrderProgress } from "./order-progress.js";
import { Passes } from "./passes.js";

const idle = -1;

/**
 * Places in the state: whether an item waits for stage 0, micro-batches taken in since the last
 * `start`, items taken in ever.
 */
const waiting = 0;
const microbatches = 1;
const everAdmitted = 2;

interface OrderTask extends Task {
  kind: ActionKind;
  item: number;
  stage: number;
  /** Place in the device's order. */
  index: number;
  microbatch: number;
}

/**
 * A fixed schedule: the next action of some device that is ready. Which device that is changes when
 * things happen, not what is computed: of those that are ready the one whose micro-batch is oldest,
 * and weight gradients, on which no other device waits, last. An item of the stream is a
 * micro-batch; one may wait for stage 0, and those that come meanwhile are dropped. Whoever ends a
 * pass makes the updates that follow it in the order.
 */
export class FixedOrderCourse implements Course {
  readonly waitingRoom = null;
  readonly #endless: EndlessOrder;
  readonly #parts: CourseParts;
  readonly #progress: OrderProgress;
  readonly #passes: Passes;
  readonly #learned: Learned;
  /** By device: place in its order of what it runs, or idle. */
  readonly #running: Float64Array;
  readonly #state: Float64Array;
  /** By device. */
  readonly #tasks: readonly OrderTask[];

  constructor(endless: EndlessOrder, parts: CourseParts, cells: Cells) {
    const { deviceCount } = endless.order;
    this.#endless = endless;
    this.#parts = parts;
    this.#progress = new OrderProgress(endless, cells);
    this.#passes = new Passes(parts.executor, endless, cells);
    this.#learned = new Learned(endless, parts.latency, cells);
    this.#running = cells.doubles(deviceCount, (running) => running.fill(idle));
    this.#state = cells.doubles(3);
    this.#tasks = Array.from({ length: deviceCount }, (_, device) => ({
      device,
      kind: "F",
      item: -1,
      worker: 0,
      stage: -1,
      isFleeting: false,
      index: -1,
      microbatch: -1,
    }));
  }

  get deviceCount(): number {
    return this.#tasks.length;
  }

  get admitted(): number {
    return this.#state[everAdmitted] as number;
  }

  get isThrough(): boolean {
    if (this.#state[waiting] === 1 || !this.#progress.isThrough) return false;
    for (const index of this.#running) if (index !== idle) return false;
    return true;
  }

  hasRoom(): boolean {
    return this.#state[waiting] === 0;
  }

  arrive(item: number, at: number): Flight | null {
    if (!this.hasRoom()) return null;
    const microbatch = this.#state[microbatches] as number;
    this.#state[microbatches] = microbatch + 1;
    this.#state[everAdmitted] = this.admitted + 1;
    this.#state[waiting] = 1;
    this.#learned.admit(microbatch, item, at);
    return this.#passes.admit(microbatch, item);
  }

  compose(flight: Flight, item: Batch): void {
    this.#parts.executor.compose(flight, item);
  }

  /** The only one that waits; so far the order does not know of it. */
  predicted(): void {
    this.#progress.admitted++;
  }

  next(): Task | null {
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
    return device < 0 ? null : this.#taskOf(device, index);
  }

  begin({ device }: Task): void {
    const { index, microbatch, kind, stage } = this.#tasks[device] as OrderTask;
    this.#progress.begin(device, index);
    this.#passes.begin(kind, microbatch, stage);
    if (kind === "F" && stage === 0) this.#state[waiting] = 0;
    this.#running[device] = index;
  }

  compute({ device, kind, stage }: Task): void {
    this.#passes.compute(kind, (this.#tasks[device] as OrderTask).microbatch, stage);
  }

  end({ device, kind, item, stage }: Task, start: number, now: number): Task | null {
    const { index, microbatch } = this.#tasks[device] as OrderTask;
    this.#passes.end(kind, microbatch, stage);
    this.#progress.end(kind, stage);
    this.#parts.log.add(kind, item, 0, stage, start, now);
    if (kind === "U") this.#learned.update(stage, now);
    const next = index + 1;
    if (this.#endless.actionAt(device, next).kind !== "U") {
      this.#running[device] = idle;
      return null;
    }
    const update = this.#taskOf(device, next);
    this.begin(update);
    return update;
  }

  start(): void {
    this.#passes.start();
  }

  /** A fixed schedule is played to its end as it stands. */
  drain(): void {}

  /** Makes the update that the current flush is gathering for; then the order starts again. */
  finish(now: number): void {
    this.#passes.finish();
    this.#learned.finish(this.#progress.admitted, now);
    this.#progress.reset();
    this.#state[microbatches] = 0;
  }

  #taskOf(device: number, index: number): Task {
    const task = this.#tasks[device] as OrderTask;
    const { kind, stage } = this.#endless.actionAt(device, index);
    task.index = index;
    task.kind = kind;
    task.stage = stage;
    task.microbatch = this.#endless.itemAt(device, index);
    task.item = this.#learned.itemOf(task.microbatch);
    return task;
  }
}
