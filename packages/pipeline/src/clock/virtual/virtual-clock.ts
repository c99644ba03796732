import type { ClockState, LearnerFacts } from "../../checkpoint/learner-state.js";
import type { Course, Task } from "../../course/contract.js";
import type { Batch } from "../../execute/algorithm.js";
import type { Executor } from "../../execute/executor.js";
import type { Flight } from "../../execute/flight.js";
import type { ActionRing } from "../../metrics/action-ring.js";
import type { CollapseWatch } from "../../metrics/collapse-watch.js";
import { Scores } from "../../metrics/scores.js";
import type { Durations } from "./durations.js";
import { nanoseconds } from "./nanoseconds.js";
import type { Units } from "./units.js";

/** What is run on the clock, and how long that takes; replaced as a whole when the plan changes. */
export interface VirtualRun {
  readonly executor: Executor;
  readonly course: Course;
  readonly durations: Durations;
  /** What shares the work; null: every device works by itself. */
  readonly units: Units | null;
}

const never = Number.POSITIVE_INFINITY;

/**
 * A course on a virtual clock.
 *
 * Time is counted in whole nanoseconds, so equal times are equal and a run repeats to the last
 * bit. Without a limit on compute units every device works by itself, else free units serve devices
 * in the order of the course, as threads do. The math is done on this thread, in the order in which
 * tasks end (of those that are fleeting, in which they begin).
 *
 * At each instant: tasks end, free devices start, items arrive, free devices start again. Items
 * that wait to be chosen are chosen among when the item of that instant has arrived.
 */
export class VirtualClock {
  readonly scores: Scores;
  items = 0;
  #executor: Executor;
  #course: Course;
  #durations: Durations;
  #units: Units | null;
  /** By device: when what it does began and will end, never where it rests, and what it is. */
  #starts = new Float64Array(0);
  #ends = new Float64Array(0);
  #tasks: (Task | null)[] = [];
  /** By device: the unit that it runs on. */
  #unitOf = new Int32Array(0);
  #interval: number;
  /** When the next item comes. */
  #arrival = 0;
  #now = 0;
  /** Items that courses before the present one have taken in. */
  #admittedBefore = 0;
  /** Items that came with nothing to learn, before a run on another clock went on here. */
  #neverOffered = 0;
  /** What is to be done when nothing is in flight; until then nothing new is taken in. */
  #whenEmpty: (() => void) | null = null;

  readonly #recent: ActionRing;

  /**
   * @param arrivalInterval milliseconds between two items.
   * @param recent where predictions are noted; the actions of a course it notes by itself.
   */
  constructor(run: VirtualRun, arrivalInterval: number, recent: ActionRing) {
    this.#recent = recent;
    this.scores = new Scores(run.executor.itemShape);
    this.#interval = nanoseconds(arrivalInterval);
    this.#executor = run.executor;
    this.#course = run.course;
    this.#durations = run.durations;
    this.#units = run.units;
    this.#begin();
  }

  /** Goes on with another course; nothing may be in flight. */
  use({ executor, course, durations, units }: VirtualRun): void {
    this.#admittedBefore += this.#course.admitted;
    this.#executor = executor;
    this.#course = course;
    this.#durations = durations;
    this.#units = units;
    this.#begin();
  }

  #begin(): void {
    const { deviceCount } = this.#course;
    this.#starts = new Float64Array(deviceCount);
    this.#ends = new Float64Array(deviceCount).fill(never);
    this.#tasks = new Array<Task | null>(deviceCount).fill(null);
    this.#unitOf = new Int32Array(deviceCount);
    this.#course.start();
  }

  get watch(): CollapseWatch {
    return this.scores.watch;
  }

  /** Virtual time, milliseconds. */
  get now(): number {
    return this.#now / 1e6;
  }

  /** Items taken in. */
  get admitted(): number {
    return this.#admittedBefore + this.#course.admitted;
  }

  /** Predictions are told by the numbers of their items. */
  get predicted(): number {
    return this.items;
  }

  /** Items that came with something to learn. */
  get offered(): number {
    return this.items - this.#neverOffered;
  }

  /** Items that were not taken in; of those that wait for it nobody knows yet. */
  get dropped(): number {
    return this.offered - this.admitted;
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
    this.#course.drain();
    this.#callWhenEmpty();
  }

  /**
   * The next item arrives: it is predicted with the newest weights, then admitted or dropped.
   * Gives the number of samples predicted right; in regression, the mean squared error.
   * @param predicted where the class predicted of each sample, or its values, are written.
   * @throws InputError where the item is wrong: it does not count then, nor does time pass.
   */
  observe(item: Batch, predicted?: Int32Array | Float32Array): number {
    const index = this.items++;
    const arrival = this.#nextArrival();
    const { scores } = this;
    const executor = this.#executor;
    const score = executor.evaluate(item, predicted);
    this.#recent.add("P", index, -1, -1, arrival, arrival);
    if (scores.regression)
      scores.addValues(index, executor.lastLogits, item.targets as Float32Array, item.size);
    else scores.watch.add(index, executor.onlyClass, item.labels, executor.isSound, item.size);
    this.#learn(item, index, arrival);
    return score;
  }

  /**
   * The next item arrives and is not predicted.
   * @returns whether it was taken in; else it is dropped.
   */
  learn(item: Batch): boolean {
    const index = this.items++;
    const { admitted } = this;
    this.#learn(item, index, this.#nextArrival());
    return this.admitted > admitted;
  }

  /** Goes on to the time of the next item, and gives it. */
  #nextArrival(): number {
    // After `finish`, which takes time, the stream goes on from there.
    const arrival = Math.max(this.#arrival, this.#now);
    this.#arrival = arrival + this.#interval;
    this.#runUntil(arrival);
    return arrival;
  }

  #learn(item: Batch, index: number, arrival: number): void {
    if (!this.#whenEmpty) this.#take(item, index, arrival);
    this.#dispatch();
    // What takes no time has its effect at once.
    this.#runUntil(arrival);
  }

  /** Lets what is in flight finish, while the stream waits for it; then items come again. */
  empty(): void {
    this.#course.drain(true);
    this.#runUntil(never);
  }

  /** Where it stands; nothing may be in flight. */
  save(): ClockState {
    return { kind: "virtual", now: this.#now, arrival: this.#arrival };
  }

  /** Goes on from there, before the first item. */
  restore({ clock, items, offered, admitted, plan }: LearnerFacts): void {
    this.items = items;
    this.#neverOffered = items - offered;
    this.#admittedBefore = admitted;
    // Time on threads is not that of this clock.
    if (clock.kind !== "virtual") return;
    this.#now = clock.now;
    this.#arrival = clock.arrival;
    // As where the pace changes: the next item was due an old interval after the last one.
    if (items > 0) this.#arrival += this.#interval - nanoseconds(plan.arrivalInterval);
  }

  /** Lets every admitted item finish and applies what is still gathered. */
  finish(): void {
    this.#course.drain();
    this.#runUntil(never);
    this.#course.finish(this.#now);
    this.#course.start();
  }

  #take(item: Batch, index: number, arrival: number): void {
    const course = this.#course;
    const { waitingRoom } = course;
    let flight: Flight | null;
    if (waitingRoom) {
      waitingRoom.add(item, arrival);
      flight = waitingRoom.isCalled ? waitingRoom.gather(index) : null;
    } else {
      flight = course.arrive(index, arrival);
      if (flight) course.compose(flight, item);
    }
    if (flight) course.predicted(flight);
  }

  #callWhenEmpty(): void {
    if (!this.#whenEmpty || !this.#course.isThrough) return;
    const then = this.#whenEmpty;
    this.#whenEmpty = null;
    then();
  }

  #runUntil(time: number): void {
    for (;;) {
      const ends = this.#ends;
      let next = never;
      for (let device = 0; device < ends.length; device++)
        if ((ends[device] as number) < next) next = ends[device] as number;
      if (next > time || next === never) break;
      this.#now = next;
      for (let device = 0; device < ends.length; device++)
        if (ends[device] === next) this.#complete(device);
      this.#callWhenEmpty();
      if (next < time) this.#gather();
      this.#dispatch();
    }
    if (time !== never) this.#now = time;
  }

  /** Chooses among the items that wait, before another one comes. */
  #gather(): void {
    const { waitingRoom } = this.#course;
    if (waitingRoom?.isCalled) this.#course.predicted(waitingRoom.gather(this.items - 1));
  }

  /** Every free device starts what the course says, as far as there are units. */
  #dispatch(): void {
    const units = this.#units;
    const course = this.#course;
    // Without a limit on units too: where slots are short, old items go before young ones.
    while (units?.isFree ?? true) {
      const task = course.next();
      if (!task) return;
      course.begin(task);
      if (task.isFleeting) course.compute(task);
      const { device } = task;
      if (units) this.#unitOf[device] = units.take();
      this.#run(task);
    }
  }

  #run(task: Task): void {
    const { device } = task;
    this.#tasks[device] = task;
    this.#starts[device] = this.#now;
    this.#ends[device] = this.#now + this.#durationOf(task);
  }

  #durationOf(task: Task): number {
    const duration = this.#durations.of(task);
    if (!this.#units || duration === 0) return duration;
    const speed = this.#units.speed(this.#unitOf[task.device] as number);
    return Math.max(1, Math.round(duration / speed));
  }

  #complete(device: number): void {
    let task = this.#tasks[device] as Task;
    let start = this.#starts[device] as number;
    for (;;) {
      if (!task.isFleeting) this.#course.compute(task);
      const following = this.#course.end(task, start, this.#now);
      if (!following) break;
      task = following;
      start = this.#now;
      this.#run(task);
      if (this.#ends[device] !== this.#now) return;
    }
    this.#ends[device] = never;
    this.#units?.release(this.#unitOf[device] as number);
  }
}
