import type { Cells } from "../../memory/cells.js";
import { Choice } from "../choice.js";
import type { Flight } from "../flight.js";
import type { Pipeline } from "../pipeline.js";
import type { Dispatcher, DispatcherParts, Task } from "./dispatcher.js";

const arrived = 0;
const left = 1;

/**
 * Ferret's own schedule for threads: what it allows on some device, backward passes before forward
 * ones, old items before young ones. Updates are part of the backward passes.
 */
export class PipelineDispatcher implements Dispatcher {
  readonly task: Task = { kind: "F", item: -1, stage: -1 };
  readonly #pipeline: Pipeline;
  readonly #parts: DispatcherParts;
  readonly #choice: Choice;
  /** Items that were taken in, and that have left the pipeline. */
  readonly #counts: Float64Array;

  constructor(pipeline: Pipeline, parts: DispatcherParts, cells: Cells) {
    this.#pipeline = pipeline;
    this.#parts = parts;
    this.#choice = new Choice(pipeline);
    this.#counts = cells.doubles(2);
  }

  get isThrough(): boolean {
    return this.#counts[arrived] === this.#counts[left];
  }

  hasRoom(item: number): boolean {
    return this.#pipeline.hasRoom(item);
  }

  arrive(item: number, arrival: number): Flight | null {
    const flight = this.#pipeline.arrive(item, arrival);
    if (flight) this.#counts[arrived] = (this.#counts[arrived] as number) + 1;
    return flight;
  }

  predicted(worker: number, slot: number): void {
    this.#pipeline.flightAt(worker, slot).predicted = true;
  }

  begin(): boolean {
    if (!this.#choice.find()) return false;
    const { device, kind } = this.#choice;
    const { task } = this;
    task.item = this.#pipeline.begin(device, kind).item;
    task.kind = kind;
    task.stage = device.stage;
    return true;
  }

  compute(): void {
    const { flight, stage } = this.#choice.device;
    if (this.task.kind === "F") this.#parts.executor.forward(flight, stage);
    else this.#parts.executor.backward(flight, stage);
  }

  end(start: number, now: number): boolean {
    const { executor, trace, latency } = this.#parts;
    const { kind, item, stage } = this.task;
    const { device } = this.#choice;
    const { arrival } = device.flight;
    const updates = executor.updates[stage];
    const end = kind === "B" && updates ? updates.appliedAt : now;
    trace.add(kind, item, device.worker, stage, start, end);
    if (kind === "B" && updates?.published) trace.add("U", item, device.worker, stage, end, end);
    if (this.#pipeline.end(device)) {
      latency.add(now - arrival);
      this.#counts[left] = (this.#counts[left] as number) + 1;
    }
    return false;
  }

  start(): void {}

  drain(): void {
    this.#parts.executor.beginDrain();
  }

  finish(): void {
    this.#parts.executor.settle();
  }
}
