import type { TimedAction } from "../schedule/action.js";
import type { DeviceState, Schedule } from "../schedule/schedule.js";
import type { Batch } from "./algorithm.js";
import type { WorkerBuffers } from "./buffers.js";
import { Device } from "./device.js";
import type { Executor } from "./execute.js";
import type { Flight } from "./flight.js";
import { DurationHistogram } from "./histogram.js";

export interface VirtualEngineOptions {
  readonly executor: Executor;
  readonly schedule: Schedule;
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
  readonly latency = new DurationHistogram();
  items = 0;
  admitted = 0;
  dropped = 0;
  readonly #options: VirtualEngineOptions;
  readonly #executor: Executor;
  readonly #stageCount: number;
  readonly #workerCount: number;
  readonly #devices: readonly Device[];
  readonly #forwardTimes: readonly number[];
  readonly #backwardTimes: readonly (readonly number[])[];
  readonly #interval: number;
  readonly #admittedBy: Float64Array;
  readonly #waitingItem: Float64Array;
  readonly #state: DeviceState = { forwardReady: false, backwardReady: false };
  #now = 0;

  constructor(options: VirtualEngineOptions) {
    this.#options = options;
    this.#executor = options.executor;
    this.#stageCount = options.executor.stages.length;
    this.#workerCount = options.executor.buffers.workers.length;
    this.#interval = nanoseconds(options.arrivalInterval);
    this.#forwardTimes = options.stageForwardTimes.map(nanoseconds);
    this.#backwardTimes = options.recompute.map((recompute) =>
      options.stageBackwardTimes.map(
        (time, stage) =>
          nanoseconds(time) + (recompute ? (this.#forwardTimes[stage] as number) : 0),
      ),
    );
    this.#devices = Array.from(
      { length: this.#workerCount * this.#stageCount },
      (_, index) =>
        new Device(
          Math.floor(index / this.#stageCount),
          index % this.#stageCount,
          this.#stageCount + 1,
        ),
    );
    this.#admittedBy = new Float64Array(this.#workerCount);
    this.#waitingItem = new Float64Array(this.#workerCount).fill(-1);
  }

  /** Virtual time, milliseconds. */
  get now(): number {
    return this.#now / 1e6;
  }

  /**
   * The next item arrives: it is predicted with the newest weights, then admitted or dropped.
   * Gives the number of samples predicted right.
   */
  observe(item: Batch): number {
    const arrival = this.items * this.#interval;
    this.#runUntil(arrival);
    const correct = this.#executor.predict(item);
    this.#arrive(item);
    this.#dispatch();
    return correct;
  }

  /** Lets every admitted item finish and applies what is still gathered. */
  finish(): void {
    this.#runUntil(Number.POSITIVE_INFINITY);
    this.#executor.flush();
  }

  /** Item k goes to worker k mod N; it waits there if stage 0 is busy, unless another one waits. */
  #arrive(item: Batch): void {
    const index = this.items++;
    const worker = index % this.#workerCount;
    const waiting = this.#worker(worker).waiting as Batch;
    if (this.#waitingItem[worker] !== -1) {
      this.dropped++;
      return;
    }
    this.admitted++;
    waiting.x.set(item.x);
    waiting.labels.set(item.labels);
    waiting.size = item.size;
    this.#waitingItem[worker] = index;
  }

  #runUntil(time: number): void {
    for (;;) {
      let next = Number.POSITIVE_INFINITY;
      for (const device of this.#devices)
        if (device.running && device.end < next) next = device.end;
      if (next > time || next === Number.POSITIVE_INFINITY) break;
      this.#now = next;
      for (const device of this.#devices)
        if (device.running && device.end === next) this.#complete(device);
      this.#dispatch();
    }
    if (time !== Number.POSITIVE_INFINITY) this.#now = time;
  }

  /** Every free device asks the schedule what to do next. */
  #dispatch(): void {
    const state = this.#state;
    for (const device of this.#devices) {
      if (device.running) continue;
      state.forwardReady = this.#forwardReady(device);
      state.backwardReady = device.backwards.length > 0;
      if (!state.forwardReady && !state.backwardReady) continue;
      const kind = this.#options.schedule.next(device.worker, device.stage, state);
      if (kind === "F") this.#startForward(device);
      else if (kind === "B") this.#startBackward(device);
    }
  }

  /** An item waits, the in-flight limit of 1F1B holds, and every slot it needs is free. */
  #forwardReady({ worker, stage, forwards, inFlight, learning }: Device): boolean {
    if (inFlight >= this.#stageCount - stage) return false;
    const buffers = this.#worker(worker);
    if (!buffers.boundaries[stage]?.available) return false;
    let firstLearning: number;
    if (stage > 0) {
      if (!forwards.first) return false;
      firstLearning = forwards.first.firstLearning;
    } else {
      if (this.#waitingItem[worker] === -1 || !buffers.inputs.available) return false;
      firstLearning = this.#firstLearning(worker);
    }
    const { stash } = this.#executor.buffers.slots;
    return stage < firstLearning || learning < (stash[worker]?.[stage] as number);
  }

  /** The first stage that learns from the next item that this worker admits (T3). */
  #firstLearning(worker: number): number {
    const periods = this.#executor.buffers.slots.participation[worker] as readonly number[];
    const ordinal = this.#admittedBy[worker] as number;
    let stage = 0;
    while (ordinal % (periods[stage] as number) !== 0) stage++;
    return stage;
  }

  #startForward(device: Device): void {
    const { worker, stage } = device;
    const buffers = this.#worker(worker);
    const flight = stage === 0 ? this.#admit(worker) : device.forwards.shift();
    flight.boundaries[stage] = buffers.boundaries[stage]?.acquire() as number;
    flight.versions[stage] = this.#executor.updates[stage]?.versions.acquire() as number;
    device.inFlight++;
    if (stage < flight.firstLearning) {
      // Nothing will ask for this stage's weights again (T3). They are used and let go at once:
      // held while the clock runs on, they could leave an update of another worker no slot.
      this.#executor.forward(flight, stage);
      this.#releaseVersion(flight, stage);
    } else {
      device.learning++;
      if (!this.#options.recompute[worker])
        flight.saved[stage] = buffers.saved[stage]?.acquire() as number;
    }
    this.#start(device, "F", flight, this.#forwardTimes[stage] as number);
  }

  #startBackward(device: Device): void {
    const duration = this.#backwardTimes[device.worker]?.[device.stage] as number;
    this.#start(device, "B", device.backwards.shift(), duration);
  }

  #start(device: Device, kind: "F" | "B", flight: Flight, duration: number): void {
    device.running = kind;
    device.flight = flight;
    device.start = this.#now;
    device.end = this.#now + duration;
  }

  /** Moves the waiting item into a flight of its own and composes the batch to learn. */
  #admit(worker: number): Flight {
    const buffers = this.#worker(worker);
    const slot = buffers.flights.acquire();
    const flight = buffers.flights.at(slot);
    flight.slot = slot;
    flight.firstLearning = this.#firstLearning(worker);
    this.#admittedBy[worker] = (this.#admittedBy[worker] as number) + 1;
    flight.item = this.#waitingItem[worker] as number;
    flight.worker = worker;
    flight.arrival = flight.item * this.#interval;
    flight.input = buffers.inputs.acquire();
    flight.labels = buffers.labels.acquire();
    this.#executor.compose(flight, buffers.waiting as Batch);
    this.#waitingItem[worker] = -1;
    return flight;
  }

  #complete(device: Device): void {
    const { running, stage, worker } = device;
    const flight = device.flight as Flight;
    device.running = null;
    device.flight = null;
    this.#trace(device, running as "F" | "B", flight.item, device.start);
    if (running === "F") this.#completeForward(flight, worker, stage);
    else this.#completeBackward(device, flight);
  }

  #completeForward(flight: Flight, worker: number, stage: number): void {
    if (stage >= flight.firstLearning) this.#executor.forward(flight, stage);
    // A stage that omits its backward needs its input no longer (T3).
    else this.#releaseInput(flight, stage);
    if (stage === this.#stageCount - 1) this.#device(worker, stage).backwards.push(flight);
    else this.#device(worker, stage + 1).forwards.push(flight);
  }

  #completeBackward(device: Device, flight: Flight): void {
    const { stage, worker } = device;
    const updates = this.#executor.updates[stage];
    const before = updates?.versions.version;
    this.#executor.backward(flight, stage);
    if (updates?.versions.version !== before) this.#trace(device, "U", flight.item, this.#now);
    const buffers = this.#worker(worker);
    flight.versions[stage] = -1;
    if ((flight.saved[stage] as number) >= 0) {
      buffers.saved[stage]?.release(flight.saved[stage] as number);
      flight.saved[stage] = -1;
    }
    buffers.boundaries[stage]?.release(flight.boundaries[stage] as number);
    flight.boundaries[stage] = -1;
    device.inFlight--;
    device.learning--;
    if (stage > flight.firstLearning) {
      this.#device(worker, stage - 1).backwards.push(flight);
      return;
    }
    this.#releaseInput(flight, stage);
    this.#finishFlight(flight, stage);
  }

  /** The input of a stage lies in the worker's input slot or in the boundary before the stage. */
  #releaseInput(flight: Flight, stage: number): void {
    const buffers = this.#worker(flight.worker);
    if (stage === 0) {
      buffers.inputs.release(flight.input);
      flight.input = -1;
      return;
    }
    buffers.boundaries[stage - 1]?.release(flight.boundaries[stage - 1] as number);
    flight.boundaries[stage - 1] = -1;
  }

  #releaseVersion(flight: Flight, stage: number): void {
    this.#executor.updates[stage]?.versions.release(flight.versions[stage] as number);
    flight.versions[stage] = -1;
  }

  #finishFlight(flight: Flight, lastStage: number): void {
    const buffers = this.#worker(flight.worker);
    for (let stage = 0; stage < lastStage; stage++) this.#device(flight.worker, stage).inFlight--;
    buffers.labels.release(flight.labels);
    this.latency.add(this.#now - flight.arrival);
    buffers.flights.release(flight.slot);
  }

  #trace(device: Device, kind: "F" | "B" | "U", item: number, start: number): void {
    const { onAction } = this.#options;
    if (!onAction) return;
    const { worker, stage } = device;
    onAction({ kind, item, worker, stage, start: start / 1e6, end: this.#now / 1e6 });
  }

  #worker(worker: number): WorkerBuffers {
    return this.#executor.buffers.workers[worker] as WorkerBuffers;
  }

  #device(worker: number, stage: number): Device {
    return this.#devices[worker * this.#stageCount + stage] as Device;
  }
}
