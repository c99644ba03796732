import type { Buffers } from "../execute/buffers.js";
import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";
import type { Pool } from "../memory/pool.js";
import type { WeightVersions } from "../weights/versions.js";
import { Device } from "./device.js";
import type { DeviceState, Schedule } from "./device-schedule.js";

export interface PipelineOptions {
  readonly buffers: Buffers;
  /** By stage. */
  readonly versions: readonly WeightVersions[];
  readonly schedule: Schedule;
  /** By worker: whether its backward passes repeat the forward pass (T1). */
  readonly recompute: readonly boolean[];
  readonly cells: Cells;
}

const none = -1;

/**
 * Where every item is, which slots it holds, and what each device may do next. It does no math
 * and knows no time: its course asks `next`, calls `begin`, does the work, calls `end`.
 *
 * ```
 * arrive --> waiting --F0--> forwards of stage 1 --F1--> ... --> backwards of the last stage
 *                  done <--B0-- backwards of stage 0 <--B1-- ...
 * ```
 *
 * Between threads every method is called under one lock.
 */
export class Pipeline {
  readonly devices: readonly Device[];
  readonly workerCount: number;
  readonly stageCount: number;
  readonly #options: PipelineOptions;
  /** By worker: items taken in so far. */
  readonly #admitted: Float64Array;
  /** By worker: slot of the flight that waits for stage 0. */
  readonly #waiting: Int32Array;
  /** By stage: items in flight whose backward pass will run there. */
  readonly #learning: Int32Array;
  readonly #state: DeviceState = { forwardReady: false, backwardReady: false };

  constructor(options: PipelineOptions) {
    const { buffers, versions, cells } = options;
    this.#options = options;
    this.workerCount = buffers.flights.length;
    this.stageCount = versions.length;
    this.devices = buffers.flights.flatMap((flights, worker) =>
      versions.map((_, stage) => new Device(worker, stage, flights.all, cells)),
    );
    this.#admitted = cells.doubles(this.workerCount);
    this.#waiting = cells.ints(this.workerCount, (waiting) => waiting.fill(none));
    this.#learning = cells.ints(this.stageCount);
  }

  /**
   * Item k goes to worker k mod N and waits there until stage 0 takes it in. Gives its flight,
   * with slots for its batch, or null where another item waits already: it is dropped.
   */
  arrive(item: number, arrival: number): Flight | null {
    const worker = item % this.workerCount;
    if (this.#waiting[worker] !== none) return null;
    const { buffers } = this.#options;
    const flights = this.#flights(worker);
    const flight = flights.at(flights.acquire());
    flight.item = item;
    flight.arrival = arrival;
    flight.predicted = false;
    flight.firstLearning = this.#firstLearning(worker);
    flight.input = buffers.inputs.acquire();
    flight.labels = buffers.labels.acquire();
    this.#admitted[worker] = (this.#admitted[worker] as number) + 1;
    this.#waiting[worker] = flight.slot;
    return flight;
  }

  /** Whether an item that came now would be taken in. */
  hasRoom(item: number): boolean {
    return this.#waiting[item % this.workerCount] === none;
  }

  /** What the schedule has a device do now; null: it rests. */
  next(device: Device): "F" | "B" | null {
    if (device.running !== null) return null;
    const state = this.#state;
    state.forwardReady = this.#forwardReady(device);
    state.backwardReady = device.backwards.first !== null;
    if (!state.forwardReady && !state.backwardReady) return null;
    return this.#options.schedule.next(device.worker, device.stage, state);
  }

  /** The item that `begin` would take up. */
  candidate({ worker, stage, forwards, backwards }: Device, kind: "F" | "B"): number {
    if (kind === "B") return (backwards.first as Flight).item;
    if (stage > 0) return (forwards.first as Flight).item;
    return this.flightAt(worker, this.#waiting[worker] as number).item;
  }

  flightAt(worker: number, slot: number): Flight {
    return this.#flights(worker).at(slot);
  }

  /** Starts what `next` gave: the item leaves its queue and takes the slots that it will need. */
  begin(device: Device, kind: "F" | "B"): Flight {
    const { worker, stage } = device;
    if (kind === "B") {
      const flight = device.backwards.shift();
      device.run("B", flight);
      return flight;
    }
    const { buffers } = this.#options;
    const flight = stage === 0 ? this.#takeWaiting(worker) : device.forwards.shift();
    flight.boundaries[stage] = buffers.boundaries[stage]?.acquire() as number;
    flight.versions[stage] = this.#versions(stage).acquire();
    device.inFlight++;
    if (stage >= flight.firstLearning) {
      device.learning++;
      this.#learning[stage] = (this.#learning[stage] as number) + 1;
      if (!this.#options.recompute[worker])
        flight.saved[stage] = buffers.saved[stage]?.acquire() as number;
    }
    device.run("F", flight);
    return flight;
  }

  /**
   * Ends what a device ran: slots go free, the item goes on to the next stage. True where the
   * item has left the pipeline; its flight may be reused then.
   */
  end(device: Device): boolean {
    const { running, flight } = device;
    device.rest();
    if (running === "B") return this.#endBackward(device, flight);
    this.#endForward(flight, device.worker, device.stage);
    return false;
  }

  /** Lets go of the weights that a stage without a backward pass (T3) has used. */
  releaseVersion(flight: Flight, stage: number): void {
    const slot = flight.versions[stage] as number;
    if (slot === none) return;
    this.#versions(stage).release(slot);
    flight.versions[stage] = none;
  }

  /** An item waits, the limits of 1F1B and of the plan hold, and every slot it needs is free. */
  #forwardReady({ worker, stage, forwards, inFlight, learning }: Device): boolean {
    if (inFlight >= this.stageCount - stage) return false;
    const { buffers } = this.#options;
    if (!buffers.boundaries[stage]?.available || !this.#versions(stage).readable) return false;
    let flight: Flight | null;
    if (stage > 0) flight = forwards.first;
    else {
      const slot = this.#waiting[worker] as number;
      flight = slot === none ? null : this.flightAt(worker, slot);
      if (!flight?.predicted || !this.#leavesInputs()) return false;
    }
    if (!flight) return false;
    if (stage < flight.firstLearning) return true;
    const { slots } = buffers;
    return (
      learning < (slots.stash[worker]?.[stage] as number) &&
      (this.#learning[stage] as number) < (slots.inFlight[stage] as number)
    );
  }

  /** Whether every worker has an input slot for its next item once one that waits is taken in. */
  #leavesInputs(): boolean {
    let next = 1;
    for (const slot of this.#waiting) if (slot === none) next++;
    return this.#options.buffers.inputs.free >= next;
  }

  /** The first stage that learns from the next item that this worker takes in (T3). */
  #firstLearning(worker: number): number {
    const periods = this.#options.buffers.slots.participation[worker] as readonly number[];
    const ordinal = this.#admitted[worker] as number;
    let stage = 0;
    while (ordinal % (periods[stage] as number) !== 0) stage++;
    return stage;
  }

  #takeWaiting(worker: number): Flight {
    const flight = this.flightAt(worker, this.#waiting[worker] as number);
    this.#waiting[worker] = none;
    return flight;
  }

  #endForward(flight: Flight, worker: number, stage: number): void {
    if (stage < flight.firstLearning) {
      // Nothing of this stage is needed again: its weights and, unless the next stage computes
      // gradients from it, its input go free (T3).
      this.releaseVersion(flight, stage);
      this.#releaseInput(flight, stage);
    }
    if (stage === this.stageCount - 1) this.#device(worker, stage).backwards.push(flight);
    else this.#device(worker, stage + 1).forwards.push(flight);
  }

  #endBackward(device: Device, flight: Flight): boolean {
    const { stage, worker } = device;
    const { buffers } = this.#options;
    // The update has released the weights.
    flight.versions[stage] = none;
    if ((flight.saved[stage] as number) !== none) {
      buffers.saved[stage]?.release(flight.saved[stage] as number);
      flight.saved[stage] = none;
    }
    buffers.boundaries[stage]?.release(flight.boundaries[stage] as number);
    flight.boundaries[stage] = none;
    device.inFlight--;
    device.learning--;
    this.#learning[stage] = (this.#learning[stage] as number) - 1;
    if (stage > flight.firstLearning) {
      this.#device(worker, stage - 1).backwards.push(flight);
      return false;
    }
    this.#releaseInput(flight, stage);
    for (let before = 0; before < stage; before++) this.#device(worker, before).inFlight--;
    buffers.labels.release(flight.labels);
    this.#flights(worker).release(flight.slot);
    return true;
  }

  /** The input of a stage lies in the worker's input slot or in the boundary before the stage. */
  #releaseInput(flight: Flight, stage: number): void {
    const { buffers } = this.#options;
    if (stage === 0) {
      buffers.inputs.release(flight.input);
      flight.input = none;
      return;
    }
    buffers.boundaries[stage - 1]?.release(flight.boundaries[stage - 1] as number);
    flight.boundaries[stage - 1] = none;
  }

  #flights(worker: number): Pool<Flight> {
    return this.#options.buffers.flights[worker] as Pool<Flight>;
  }

  #versions(stage: number): WeightVersions {
    return this.#options.versions[stage] as WeightVersions;
  }

  #device(worker: number, stage: number): Device {
    return this.devices[worker * this.stageCount + stage] as Device;
  }
}
