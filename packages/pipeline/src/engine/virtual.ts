import { NewCells } from "../memory/cells.js";
import type { TimedAction } from "../schedule/action.js";
import type { Batch } from "./algorithm.js";
import type { Device } from "./device.js";
import type { Executor } from "./execute.js";
import { DurationHistogram } from "./histogram.js";
import type { Pipeline } from "./pipeline.js";

export interface VirtualEngineOptions {
  readonly executor: Executor;
  readonly pipeline: Pipeline;
  /** Milliseconds, by stage. */
  readonly stageForwardTimes: readonly number[];
  readonly stageBackwardTimes: readonly number[];
  /** By worker: whether its backward passes repeat the forward pass (T1). */
  readonly recompute: readonly boolean[];
  /** Milliseconds between two items. */
  readonly arrivalInterval: number;
  /** Called with every action when it ends. */
  readonly onAction?: ((action: TimedAction) => void) | undefined;
}

const nanoseconds = (milliseconds: number) => Math.max(1, Math.round(milliseconds * 1e6));

/**
 * A pipeline on a virtual clock.
 *
 * Time is counted in whole nanoseconds, so equal times are equal and a run repeats to the last
 * bit. Every stage of every worker is a device of its own; the math is done on this thread, in the
 * order in which actions end (a forward pass without a backward one: begin).
 *
 * At each instant: actions end, free devices start, items arrive, free devices start again.
 */
export class VirtualEngine {
  readonly latency = new DurationHistogram(new NewCells());
  items = 0;
  admitted = 0;
  dropped = 0;
  readonly #options: VirtualEngineOptions;
  readonly #executor: Executor;
  readonly #pipeline: Pipeline;
  readonly #forwardTimes: readonly number[];
  readonly #backwardTimes: readonly (readonly number[])[];
  readonly #interval: number;
  #now = 0;

  constructor(options: VirtualEngineOptions) {
    this.#options = options;
    this.#executor = options.executor;
    this.#pipeline = options.pipeline;
    this.#interval = nanoseconds(options.arrivalInterval);
    this.#forwardTimes = options.stageForwardTimes.map(nanoseconds);
    this.#backwardTimes = options.recompute.map((recompute) =>
      options.stageBackwardTimes.map(
        (time, stage) =>
          nanoseconds(time) + (recompute ? (this.#forwardTimes[stage] as number) : 0),
      ),
    );
  }

  /**
   * The next item arrives: it is predicted with the newest weights, then admitted or dropped.
   * Gives the number of samples predicted right.
   */
  observe(item: Batch): number {
    const index = this.items++;
    const arrival = index * this.#interval;
    this.#runUntil(arrival);
    const correct = this.#executor.predict(item);
    const flight = this.#pipeline.arrive(index, arrival);
    if (flight) {
      this.#executor.compose(flight, item);
      flight.predicted = true;
      this.admitted++;
    } else this.dropped++;
    this.#dispatch();
    return correct;
  }

  /** Lets every admitted item finish and applies what is still gathered. */
  finish(): void {
    this.#runUntil(Number.POSITIVE_INFINITY);
    this.#executor.flush();
  }

  #runUntil(time: number): void {
    const { devices } = this.#pipeline;
    for (;;) {
      let next = Number.POSITIVE_INFINITY;
      for (const device of devices) if (device.running && device.end < next) next = device.end;
      if (next > time || next === Number.POSITIVE_INFINITY) break;
      this.#now = next;
      for (const device of devices)
        if (device.running && device.end === next) this.#complete(device);
      this.#dispatch();
    }
    if (time !== Number.POSITIVE_INFINITY) this.#now = time;
  }

  /** Every free device starts what the schedule says. */
  #dispatch(): void {
    for (const device of this.#pipeline.devices) {
      const kind = this.#pipeline.next(device);
      if (kind !== null) this.#start(device, kind);
    }
  }

  #start(device: Device, kind: "F" | "B"): void {
    const { worker, stage } = device;
    const flight = this.#pipeline.begin(device, kind);
    if (kind === "F" && stage < flight.firstLearning) {
      // Nothing will ask for this stage's weights again (T3). They are used and let go at once:
      // held while the clock runs on, they could leave an update of another worker no slot.
      this.#executor.forward(flight, stage);
      this.#pipeline.releaseVersion(flight, stage);
    }
    const duration =
      kind === "F" ? this.#forwardTimes[stage] : this.#backwardTimes[worker]?.[stage];
    device.start = this.#now;
    device.end = this.#now + (duration as number);
  }

  #complete(device: Device): void {
    const { running, flight, stage } = device;
    this.#trace(device, running as "F" | "B", device.start);
    if (running === "B") {
      this.#executor.backward(flight, stage);
      if (this.#executor.updates[stage]?.published) this.#trace(device, "U", this.#now);
    } else if (stage >= flight.firstLearning) {
      this.#executor.forward(flight, stage);
    }
    if (this.#pipeline.end(device)) this.latency.add(this.#now - flight.arrival);
  }

  #trace(device: Device, kind: "F" | "B" | "U", start: number): void {
    const { onAction } = this.#options;
    if (!onAction) return;
    const { worker, stage } = device;
    const { item } = device.flight;
    onAction({ kind, item, worker, stage, start: start / 1e6, end: this.#now / 1e6 });
  }
}
