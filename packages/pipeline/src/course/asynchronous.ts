import type { Batch } from "../execute/algorithm.js";
import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";
import type { Course, CourseParts, Task } from "./contract.js";
import type { Device } from "./device.js";
import type { Pipeline } from "./pipeline.js";

const arrived = 0;
const left = 1;

interface StageTask extends Task {
  kind: "F" | "B";
  item: number;
  isFleeting: boolean;
}

/**
 * Ferret's own course: what its schedule allows on some device. Of all that is ready backward passes
 * go before forward ones, which frees memory, and old items before young ones. Updates are part of
 * the backward passes.
 */
export class AsynchronousCourse implements Course {
  readonly waitingRoom = null;
  readonly #pipeline: Pipeline;
  readonly #parts: CourseParts;
  /** By device. */
  readonly #tasks: readonly StageTask[];
  /** Items that were taken in, and that have left the pipeline. */
  readonly #counts: Float64Array;

  constructor(pipeline: Pipeline, parts: CourseParts, cells: Cells) {
    this.#pipeline = pipeline;
    this.#parts = parts;
    this.#tasks = pipeline.devices.map(({ worker, stage }, device) => ({
      device,
      kind: "F",
      item: -1,
      worker,
      stage,
      isFleeting: false,
    }));
    this.#counts = cells.doubles(2);
  }

  get deviceCount(): number {
    return this.#tasks.length;
  }

  get admitted(): number {
    return this.#counts[arrived] as number;
  }

  get isThrough(): boolean {
    return this.#counts[arrived] === this.#counts[left];
  }

  hasRoom(item: number): boolean {
    return this.#pipeline.hasRoom(item);
  }

  arrive(item: number, at: number): Flight | null {
    const flight = this.#pipeline.arrive(item, at);
    if (flight) this.#counts[arrived] = (this.#counts[arrived] as number) + 1;
    return flight;
  }

  compose(flight: Flight, item: Batch): void {
    this.#parts.executor.compose(flight, item);
  }

  predicted(flight: Flight): void {
    flight.predicted = true;
  }

  next(): Task | null {
    const pipeline = this.#pipeline;
    const { devices } = pipeline;
    let chosen = -1;
    let first: "F" | "B" = "F";
    let oldest = 0;
    for (let index = 0; index < devices.length; index++) {
      const device = devices[index] as Device;
      const kind = pipeline.next(device);
      if (kind === null) continue;
      const item = pipeline.candidate(device, kind);
      const isBetter = kind === first ? item < oldest : kind === "B";
      if (chosen >= 0 && !isBetter) continue;
      chosen = index;
      first = kind;
      oldest = item;
    }
    if (chosen < 0) return null;
    const task = this.#tasks[chosen] as StageTask;
    task.kind = first;
    task.item = oldest;
    return task;
  }

  begin({ device, kind, stage }: Task): void {
    const flight = this.#pipeline.begin(this.#device(device), kind as "F" | "B");
    const task = this.#tasks[device] as StageTask;
    task.isFleeting = kind === "F" && stage < flight.firstLearning;
  }

  compute({ device, kind, stage, isFleeting }: Task): void {
    const { executor } = this.#parts;
    const { flight } = this.#device(device);
    if (kind === "B") {
      executor.backward(flight, stage);
      return;
    }
    executor.forward(flight, stage);
    if (!isFleeting) return;
    executor.lock.acquire();
    this.#pipeline.releaseVersion(flight, stage);
    executor.lock.release();
  }

  end({ device, kind, item, worker, stage }: Task, start: number, now: number): Task | null {
    const { executor, log, latency } = this.#parts;
    const own = this.#device(device);
    const { arrival } = own.flight;
    const updates = kind === "B" ? executor.updates[stage] : undefined;
    // Where time is real the update was made before now.
    const end = updates && updates.appliedAt >= start ? updates.appliedAt : now;
    log.add(kind, item, worker, stage, start, end);
    if (updates?.published) log.add("U", item, worker, stage, end, end);
    if (this.#pipeline.end(own)) {
      latency.add(now - arrival);
      this.#counts[left] = (this.#counts[left] as number) + 1;
    }
    return null;
  }

  start(): void {
    this.#parts.executor.endDrain();
  }

  drain(isPause = false): void {
    this.#parts.executor.beginDrain(isPause);
  }

  finish(): void {
    this.#parts.executor.settle();
  }

  #device(index: number): Device {
    return this.#pipeline.devices[index] as Device;
  }
}
