import { NewCells } from "../memory/cells.js";
import type { TimedAction } from "../schedule/action.js";
import type { Batch } from "./algorithm.js";
import { Choice } from "./choice.js";
import { CollapseWatch } from "./collapse.js";
import type { Device } from "./device.js";
import type { Executor } from "./execute.js";
import { DurationHistogram } from "./histogram.js";
import type { Pipeline } from "./pipeline.js";
import type { Units } from "./units.js";
import { nanoseconds } from "./virtual-time.js";

export interface VirtualEngineOptions extends VirtualPlan {
  /** Milliseconds between two items. */
  readonly arrivalInterval: number;
  /** Called with every action when it ends. */
  readonly onAction?: ((action: TimedAction) => void) | undefined;
}

/** What an engine runs, and how long that takes; replaced as a whole when the plan changes. */
export interface VirtualPlan {
  readonly executor: Executor;
  readonly pipeline: Pipeline;
  /** Milliseconds, by stage. */
  readonly stageForwardTimes: readonly number[];
  readonly stageBackwardTimes: readonly number[];
  /** By worker: whether its backward passes repeat the forward pass (T1). */
  readonly recompute: readonly boolean[];
  /** What shares the work; null: every device works by itself. */
  readonly units: Units | null;
}

/**
 * A pipeline on a virtual clock.
 *
 * Time is counted in whole nanoseconds, so equal times are equal and a run repeats to the last
 * bit. Every stage of every worker is a device; without a limit on compute units each works by
 * itself, else free units serve devices in the order of `Choice`, as threads do. The math is done on this thread, in the
 * order in which actions end (a forward pass without a backward one: begin).
 *
 * At each instant: actions end, free devices start, items arrive, free devices start again.
 */
export class VirtualEngine {
  readonly latency = new DurationHistogram(new NewCells());
  readonly watch: CollapseWatch;
  items = 0;
  admitted = 0;
  dropped = 0;
  readonly #onAction: ((action: TimedAction) => void) | undefined;
  #executor: Executor;
  #pipeline: Pipeline;
  #forwardTimes: readonly number[] = [];
  #backwardTimes: readonly (readonly number[])[] = [];
  #units: Units | null = null;
  #choice: Choice;
  /** By device: the unit that it runs on. */
  #unitOf = new Int32Array(0);
  #interval: number;
  /** When the next item comes. */
  #arrival = 0;
  #now = 0;
  /** Items in flight or waiting. */
  #active = 0;
  /** What is to be done when nothing is in flight; until then nothing new is taken in. */
  #whenEmpty: (() => void) | null = null;

  constructor(options: VirtualEngineOptions) {
    this.#onAction = options.onAction;
    this.#executor = options.executor;
    this.watch = new CollapseWatch(options.executor.itemShape);
    this.#pipeline = options.pipeline;
    this.#choice = new Choice(options.pipeline);
    this.#interval = nanoseconds(options.arrivalInterval);
    this.use(options);
  }

  /** Goes on with another plan; nothing may be in flight. */
  use({ executor, pipeline, recompute, units, ...times }: VirtualPlan): void {
    this.#executor = executor;
    this.#pipeline = pipeline;
    this.#choice = new Choice(pipeline);
    this.#units = units;
    this.#unitOf = new Int32Array(pipeline.devices.length);
    this.#forwardTimes = times.stageForwardTimes.map(nanoseconds);
    this.#backwardTimes = recompute.map((repeats) =>
      times.stageBackwardTimes.map(
        (time, stage) => nanoseconds(time) + (repeats ? (this.#forwardTimes[stage] as number) : 0),
      ),
    );
  }

  /** Virtual time, milliseconds. */
  get now(): number {
    return this.#now / 1e6;
  }

  /** Milliseconds between the items to come. */
  set arrivalInterval(milliseconds: number) {
    // The next item was due an old interval after the last one.
    this.#arrival += this.items === 0 ? 0 : nanoseconds(milliseconds) - this.#interval;
    this.#interval = nanoseconds(milliseconds);
  }

  /**
   * Lets what is in flight finish and then, at that moment of the stream, calls `then`. Items that
   * come until then are predicted and dropped.
   */
  whenEmpty(then: () => void): void {
    this.#whenEmpty = then;
    this.#executor.beginDrain();
    this.#callWhenEmpty();
  }

  /**
   * The next item arrives: it is predicted with the newest weights, then admitted or dropped.
   * Gives the number of samples predicted right.
   * @param predicted where the class predicted of each sample is written.
   * @throws InputError where the item is wrong: it does not count then, nor does time pass.
   */
  observe(item: Batch, predicted?: Int32Array): number {
    this.#nextArrival();
    const correct = this.#executor.predict(item, predicted);
    this.watch.add(this.items, this.#executor.onlyClass, item.labels, this.#executor.isSound);
    this.#take(item);
    return correct;
  }

  /**
   * The next item arrives and is not predicted.
   * @returns whether it was taken in; else it is dropped.
   */
  learn(item: Batch): boolean {
    this.#nextArrival();
    return this.#take(item);
  }

  #nextArrival(): void {
    // After `finish`, which takes time, the stream goes on from there.
    const arrival = Math.max(this.#arrival, this.#now);
    this.#arrival = arrival + this.#interval;
    this.#runUntil(arrival);
  }

  #take(item: Batch): boolean {
    const index = this.items++;
    const arrival = this.#now;
    const flight = this.#whenEmpty ? null : this.#pipeline.arrive(index, arrival);
    if (flight) {
      this.#executor.compose(flight, item);
      flight.predicted = true;
      this.admitted++;
      this.#active++;
    } else this.dropped++;
    this.#dispatch();
    return flight !== null;
  }

  /** Lets every admitted item finish and applies what is still gathered. */
  finish(): void {
    this.#executor.beginDrain();
    this.#runUntil(Number.POSITIVE_INFINITY);
    this.#executor.settle();
    this.#executor.endDrain();
  }

  #callWhenEmpty(): void {
    if (this.#active > 0 || !this.#whenEmpty) return;
    const then = this.#whenEmpty;
    this.#whenEmpty = null;
    this.#executor.endDrain();
    then();
  }

  #runUntil(time: number): void {
    for (;;) {
      const { devices } = this.#pipeline;
      let next = Number.POSITIVE_INFINITY;
      for (const device of devices) if (device.running && device.end < next) next = device.end;
      if (next > time || next === Number.POSITIVE_INFINITY) break;
      this.#now = next;
      for (const device of devices)
        if (device.running && device.end === next) this.#complete(device);
      this.#callWhenEmpty();
      this.#dispatch();
    }
    if (time !== Number.POSITIVE_INFINITY) this.#now = time;
  }

  /** Every free device starts what the schedule says, as far as there are units. */
  #dispatch(): void {
    const [units, choice] = [this.#units, this.#choice];
    // Without a limit on units too: where slots are short, old items go before young ones.
    while ((units?.isFree ?? true) && choice.find()) this.#start(choice.device, choice.kind);
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
    device.end = this.#now + this.#onUnit(device, duration as number);
  }

  /** Puts what a device has begun on a unit; gives how long it takes there. */
  #onUnit({ worker, stage }: Device, duration: number): number {
    if (!this.#units) return duration;
    const unit = this.#units.take();
    this.#unitOf[worker * this.#pipeline.stageCount + stage] = unit;
    return Math.max(1, Math.round(duration / this.#units.speed(unit)));
  }

  #complete(device: Device): void {
    const { running, flight, worker, stage } = device;
    this.#units?.release(this.#unitOf[worker * this.#pipeline.stageCount + stage] as number);
    this.#trace(device, running as "F" | "B", device.start);
    if (running === "B") {
      this.#executor.backward(flight, stage);
      if (this.#executor.updates[stage]?.published) this.#trace(device, "U", this.#now);
    } else if (stage >= flight.firstLearning) {
      this.#executor.forward(flight, stage);
    }
    if (!this.#pipeline.end(device)) return;
    this.latency.add(this.#now - flight.arrival);
    this.#active--;
  }

  #trace(device: Device, kind: "F" | "B" | "U", start: number): void {
    if (!this.#onAction) return;
    const { worker, stage } = device;
    const { item } = device.flight;
    this.#onAction({ kind, item, worker, stage, start: start / 1e6, end: this.#now / 1e6 });
  }
}
