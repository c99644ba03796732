import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises";
import {
  type ClockState,
  expectSaves,
  type LearnerFacts,
  saveAlgorithm,
} from "../../checkpoint/learner-state.js";
import type { Admission } from "../../course/admission.js";
import type { WaitingRoom } from "../../course/contract.js";
import { InputError } from "../../errors.js";
import type { Batch, LearningAlgorithm } from "../../execute/algorithm.js";
import { checkItem } from "../../execute/check-item.js";
import type { Flight } from "../../execute/flight.js";
import type { PredictionListener, ValuesListener } from "../../learner/by-hand/threads-contract.js";
import { Life } from "../../learner/life.js";
import { NewCells } from "../../memory/cells.js";
import type { Ledger } from "../../memory/ledger.js";
import { RecordedMemory } from "../../memory/memory.js";
import type { RecentActions } from "../../metrics/action-ring.js";
import { type CollapseWatch, onlyOf } from "../../metrics/collapse-watch.js";
import { DurationHistogram } from "../../metrics/duration-histogram.js";
import { Scores } from "../../metrics/scores.js";
import type { TimedAction } from "../../schedule/action.js";
import { Crew } from "./crew.js";
import { Rests } from "./rests.js";
import { buildRun, effortFields, type Run } from "./run.js";
import { executorsOf, type RunDescription } from "./run-description.js";
import type { Signal } from "./signal.js";
import type { SavedAlgorithm } from "./thread.js";

export interface ThreadsClockOptions {
  readonly description: RunDescription;
  readonly ledger: Ledger;
  /** This thread's; its buffers outlive a change of plans. */
  readonly algorithm: LearningAlgorithm;
  readonly algorithmMemory: RecordedMemory;
  /** Of the model that the algorithm asks while it composes, for a thread that does that alone. */
  readonly accessMemory: RecordedMemory;
  /** What is learned, where the model is one stage. */
  readonly admission?: Admission | undefined;
  /** Milliseconds between two items; null: as fast as they can be taken, without a drop. */
  readonly arrivalInterval: number | null;
  /** What the algorithm goes on from; default: from nothing. */
  readonly saved?: SavedAlgorithm | undefined;
  /** Called in the order of arrival; the arrays are good until it returns. */
  readonly onPrediction: PredictionListener;
  /** The same in regression. */
  readonly onValues?: ValuesListener | undefined;
}

/** What is to be done with an item that is brought. */
export interface Purpose {
  readonly predicts: boolean;
  readonly learns: boolean;
  /** Whether one that is to be learned waits for room rather than being dropped. */
  readonly waits: boolean;
}

/** What has become of it. */
export interface Brought {
  /** False where it is not to be learned, and where it was dropped. */
  readonly isLearned: boolean;
  /** Logits [size, classes], a copy; null where it is not to be predicted. */
  readonly logits: Promise<Float32Array> | null;
}

interface Answer {
  readonly length: number;
  readonly isLearned: boolean;
  resolve(logits: Float32Array): void;
  reject(error: unknown): void;
}

const noFlight = { worker: -1, slot: -1 };

/** Below this a timer is too coarse, and the thread waits on the spot; milliseconds. */
const fineWait = 2;
/** The event loop gets a turn at least this often; milliseconds. */
const breath = 20;

/**
 * A pipeline on the wall clock. This thread only brings the items, in time, and composes what is
 * learned from them; the threads of the crew predict and learn, whatever is ready next. Where the
 * algorithm asks the model for what it composes, one more thread does that:
 *
 * ```
 * this thread   item 0   item 1   item 2   item 3 ...
 * thread 0      [predict 0][F0.0][predict 2][B0.1]...
 * thread 1            [predict 1][F1.0] ...
 * thread 2      [compose 0][compose 1] ...
 * ```
 */
export class ThreadsClock {
  items = 0;
  /** The most that an item came later than its time, because predictions lagged; milliseconds. */
  mostLate = 0;
  /** Nanoseconds from an item's arrival to its last update, under plans that have gone. */
  readonly pastLatency = new DurationHistogram(new NewCells());
  readonly scores: Scores;
  readonly #options: ThreadsClockOptions;
  readonly #begin: number;
  readonly #nothing = new Int32Array(new SharedArrayBuffer(4));
  #description: RunDescription;
  #memory: RecordedMemory;
  #run: Run;
  #crew: Crew;
  #interval: number | null;
  /** When the next item is due, where items are timed; nanoseconds. */
  #due: number;
  #predicted = 0;
  /** By slot of the arrivals: who waits for the logits of its item. */
  readonly #answers = new Map<number, Answer>();
  #isAnswering = false;
  /** Items that came with something to learn, and those that runs before this one took in. */
  #offered = 0;
  #admittedBefore = 0;
  #hasBegun = false;
  /** By slot of the arrivals: when its item came that is to wait for its turn to be learned, or -1. */
  #toWait: Float64Array;
  #breathed = performance.now();
  readonly #rests = new Rests();
  /** Whether the threads have been stopped because all is through. */
  #isFinished = false;
  /** What is asked of it now; the next call must wait for it. */
  #call: string | null = null;
  readonly #life = new Life();
  readonly #disposing = new AbortController();

  private constructor(options: ThreadsClockOptions, started: Started) {
    this.#options = options;
    this.#description = options.description;
    this.#interval = options.arrivalInterval;
    ({ run: this.#run, crew: this.#crew, memory: this.#memory } = started);
    this.scores = new Scores(started.run.executor.itemShape);
    this.#begin = this.#run.clock();
    this.#due = this.#begin;
    this.#toWait = new Float64Array(this.#run.arrivals.capacity).fill(-1);
  }

  get watch(): CollapseWatch {
    return this.scores.watch;
  }

  /** Items taken in. */
  get admitted(): number {
    return this.#admittedBefore + this.#run.course.admitted;
  }

  /** Items that came with something to learn. */
  get offered(): number {
    return this.#offered;
  }

  /** Where it stands. */
  save(): ClockState {
    return { kind: "threads", mostLate: this.mostLate };
  }

  /** Goes on from there, before the first item. */
  restore({ items, predicted, offered, admitted, clock }: LearnerFacts): void {
    this.items = items;
    this.#predicted = predicted;
    this.#offered = offered;
    this.#admittedBefore = admitted;
    if (clock.kind === "threads") this.mostLate = clock.mostLate;
  }

  /** Items that were predicted before they were learned. */
  get predicted(): number {
    return this.#predicted;
  }

  /** Items that were not taken in; of those that wait for it nobody knows yet. */
  get dropped(): number {
    return this.#offered - this.admitted;
  }

  /**
   * Allocates everything and starts the threads.
   * @throws InputError where the budget or a named part does not serve; Error where a thread
   * cannot start.
   */
  static async start(options: ThreadsClockOptions): Promise<ThreadsClock> {
    return new ThreadsClock(options, await startThreads(options, options.description));
  }

  /**
   * Lets every item finish and goes on with another plan, in new threads.
   * @param interval milliseconds between the items to come, or null.
   * @param between called when the old buffers have been given back and no new ones taken.
   * @param replaced called in the turn in which the new run takes the place of the old one, whose
   *   counts are to be kept then: before, they are still told as those of the run, and would count twice.
   */
  replan(
    { partition, workers, inFlight }: Pick<RunDescription, "partition" | "workers" | "inFlight">,
    interval: number | null,
    between: () => void,
    replaced: () => void,
  ): Promise<void> {
    return this.#rest("replan", async () => {
      await this.#drain();
      // The thread that composes ends; what it has in no shared memory goes on in the next one.
      const saves = this.#options.algorithm.save !== undefined;
      const saved = this.#composesApart && saves ? await this.#saveAlgorithm() : undefined;
      await this.#stop();
      const before = this.#run;
      before.executor.dispose();
      this.#memory.releaseAll();
      between();
      this.#description = { ...this.#description, partition, workers, inFlight };
      const started = await startThreads({ ...this.#options, saved }, this.#description);
      started.run.recent.goOn(before.recent);
      replaced();
      this.pastLatency.addAll(before.latency);
      this.#admittedBefore += before.course.admitted;
      ({ run: this.#run, crew: this.#crew, memory: this.#memory } = started);
      this.#interval = interval;
      if (this.#life.isDisposed) await this.#stop();
    });
  }

  /** Milliseconds between the items to come, or null: see the options. */
  set arrivalInterval(interval: number | null) {
    this.#interval = interval;
  }

  /**
   * Brings the next item when its time has come, or there is room where items are not timed. It
   * is copied; its prediction is reported later.
   * @param learned what is learned as it comes; null: nothing.
   * @throws InputError where the item is wrong: it does not count then, and the run goes on; Error
   * that names thread, item and stage where the run has failed; the threads have been stopped then.
   */
  async observe(item: Batch, learned: Batch | null): Promise<void> {
    this.expectOpen("observe");
    const { itemShape } = this.#run.executor;
    checkItem(item, itemShape, this.items);
    if (learned && learned !== item)
      checkItem(learned, itemShape, `the item learned with item ${this.items}`);
    await this.#during("observe", () => this.#observe(item, learned));
  }

  async #observe(item: Batch, learned: Batch | null): Promise<void> {
    const { arrivals, course, executor, news, work, clock } = this.#run;
    const { waitingRoom } = course;
    const index = this.items;
    const interval = this.#interval;
    // Time begins with the first item, whatever the caller did before.
    if (!this.#hasBegun) this.#due = clock();
    this.#hasBegun = true;
    if (interval !== null) await this.#waitUntil(this.#due);
    await this.#waitFor(news.predicted, () => arrivals.hasRoom);
    if (interval !== null && learned && !waitingRoom && this.#rests.isCatchingUp)
      await this.#waitFor(news.room, () => course.hasRoom(index));
    if (interval === null && learned) {
      // Items go to the waiting room when they have been predicted.
      if (waitingRoom) await this.#waitFor(news.predicted, () => arrivals.empty);
      await this.#waitFor(news.room, () => course.hasRoom(index));
    }
    // What is learned with another item has come, and been predicted, before.
    if (waitingRoom && learned && learned !== item)
      await this.#waitFor(news.predicted, () => arrivals.empty);
    const now = clock();
    if (interval !== null) {
      this.mostLate = Math.max(this.mostLate, (now - this.#due) / 1e6);
      this.#due += interval * 1e6;
    }

    await this.#acquire();
    const slot = arrivals.nextFree;
    const flight = learned && !waitingRoom ? course.arrive(index, now) : null;
    executor.lock.release();
    if (learned) this.#offered++;
    // Nobody else looks at either until the item is pushed.
    if (flight && learned) await this.#compose(flight, learned, slot);
    const copy = arrivals.at(slot);
    const [{ length }, { size }] = [copy.x, copy];
    copy.x.set(item.x.length === length ? item.x : item.x.subarray(0, length));
    arrivals.copyTruth(slot, item);
    if (waitingRoom) {
      this.#toWait[slot] = learned === item ? now : -1;
      if (learned && learned !== item) waitingRoom.add(learned, now);
    }
    await this.#acquire();
    const { worker, slot: place } = flight ?? noFlight;
    arrivals.push({ item: index, size, worker, slot: place, keepsLogits: false });
    executor.lock.release();
    work.raise();

    this.items++;
    await this.#collect();
  }

  /**
   * Brings an item now, whatever its time, to be predicted, learned or both; `size` may be less
   * than a batch. Its promise comes when the item has been copied, that of its logits when it has
   * been predicted. One call at a time.
   * @throws as `observe`.
   */
  async bring(item: Batch, purpose: Purpose): Promise<Brought> {
    const call = purpose.learns ? (purpose.predicts ? "observe" : "learn") : "predict";
    return this.#during(call, () => this.#bring(item, purpose));
  }

  async #bring(item: Batch, { predicts, learns, waits }: Purpose): Promise<Brought> {
    const { arrivals, course, executor, news, work, clock } = this.#run;
    const index = this.items;
    const { size } = item;
    if (predicts || this.#composesApart)
      await this.#waitFor(news.predicted, () => arrivals.hasRoom);
    if (learns && (waits || this.#rests.isCatchingUp))
      await this.#waitFor(news.room, () => course.hasRoom(index));
    await this.#acquire();
    const slot = arrivals.nextFree;
    const flight = learns ? course.arrive(index, clock()) : null;
    executor.lock.release();
    if (learns) this.#offered++;
    if (flight) await this.#compose(flight, item, slot);
    const { inputLength, classes } = executor.itemShape;
    let logits: Promise<Float32Array> | null = null;
    if (predicts) {
      const copy = arrivals.at(slot);
      copy.x.set(item.x.subarray(0, size * inputLength));
      if (learns) arrivals.copyTruth(slot, item);
      logits = new Promise((resolve, reject) => {
        this.#answers.set(slot, { resolve, reject, length: size * classes, isLearned: learns });
      });
    }
    await this.#acquire();
    const { worker, slot: place } = flight ?? noFlight;
    if (predicts) arrivals.push({ item: index, size, worker, slot: place, keepsLogits: true });
    else if (flight) course.predicted(flight);
    executor.lock.release();
    work.raise();
    if (learns) this.items++;
    if (predicts) void this.#answer();
    return { isLearned: flight !== null, logits };
  }

  /** Whether another thread composes: where the algorithm asks the model, that takes its time. */
  get #composesApart(): boolean {
    return composesApart(this.#options);
  }

  /** @param place slot of the arrivals that is free to hold the batch meanwhile. */
  async #compose(flight: Flight, item: Batch, place: number): Promise<void> {
    const { course, arrivals, composing } = this.#run;
    if (!this.#composesApart) return course.compose(flight, item);
    const { size } = item;
    const copy = arrivals.at(place);
    copy.x.set(item.x.subarray(0, size * this.#run.executor.itemShape.inputLength));
    arrivals.copyTruth(place, item);
    composing.ask(flight, place, size);
    await this.#waitFor(composing.done, () => composing.isDone);
  }

  /** Hands out answers until there are no more to come. */
  async #answer(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    try {
      await this.#waitFor(this.#run.news.predicted, () => this.#answers.size === 0);
    } catch (thrown) {
      const error = await this.#causeOf(thrown);
      this.#life.fail(error);
      for (const { reject } of this.#answers.values()) reject(error);
      this.#answers.clear();
      await this.#stop();
    } finally {
      this.#isAnswering = false;
    }
  }

  /** Lets every item finish, applies what is still gathered and stops the threads. */
  async finish(): Promise<void> {
    this.#life.expect("finish");
    if (this.#isFinished) return;
    await this.#during("finish", () => this.#finish());
    this.#isFinished = true;
  }

  /**
   * Lets every item finish, and does something while nothing is in flight; then the threads go on.
   * @param work gets the algorithm's state.
   */
  atRest<Result>(call: string, work: (algorithm: SavedAlgorithm) => Result): Promise<Result> {
    return this.#rest(call, async () => {
      await this.#drain(true);
      const algorithm = await this.#saveAlgorithm();
      const result = work(algorithm);
      await this.#acquire();
      this.#run.course.start();
      this.#run.executor.lock.release();
      return result;
    });
  }

  /** The state of the algorithm, from the thread that composes. Nothing may be in flight. */
  async #saveAlgorithm(): Promise<SavedAlgorithm> {
    const { algorithm } = this.#options;
    if (!this.#composesApart) return { state: saveAlgorithm(algorithm), draws: 0 };
    expectSaves(algorithm);
    const { composing } = this.#run;
    this.#crew.saved = null;
    composing.askForState();
    await this.#waitFor(composing.done, () => composing.isDone);
    // Sent before it was done; it comes with a turn of the event loop.
    while (!this.#crew.saved) {
      await sleep(1);
      this.#expectNoFailure();
    }
    return this.#crew.saved;
  }

  async #finish(): Promise<void> {
    await this.#drain();
    await this.#stop();
  }

  /** Lets every item finish and applies what is still gathered. */
  async #drain(isPause = false): Promise<void> {
    const { arrivals, course, executor, news, clock } = this.#run;
    await this.#acquire();
    course.drain(isPause);
    executor.lock.release();
    await this.#waitFor(news.predicted, () => arrivals.empty);
    await this.#waitFor(news.finished, () => course.isThrough);
    course.finish(clock());
  }

  /** Stops the threads, whatever they are at; a call that still waits is let know by an error. */
  async dispose(): Promise<void> {
    if (!this.#life.dispose()) return;
    this.#disposing.abort();
    const { news, composing } = this.#run;
    for (const signal of [...Object.values(news), composing.done]) signal.raise();
    await this.#stop();
    this.#run.executor.dispose();
  }

  /**
   * For what is computed on this thread, in the working space of the first one.
   * @throws InputError while the threads still use that, and where the run has come to a bad end.
   */
  expectFinished(call: string): void {
    this.#life.expect(call);
    if (!this.#isFinished)
      throw new InputError(
        `Expected finish before ${call} but the threads are still computing; wait for finish() ` +
          "first",
      );
  }

  #rest<Result>(call: string, work: () => Promise<Result>): Promise<Result> {
    return this.#during(call, () => this.#rests.during(work));
  }

  /** One call after the other; one that fails stops the threads. */
  async #during<Result>(call: string, work: () => Promise<Result>): Promise<Result> {
    this.expectOpen(call);
    this.#call = call;
    try {
      return await work();
    } catch (thrown) {
      // What was asked for by `dispose` is no failure, whatever it looked like from here.
      this.#life.expect(call);
      const error = await this.#causeOf(thrown);
      this.#life.fail(error);
      await this.#stop();
      throw error;
    } finally {
      this.#call = null;
    }
  }

  /** @throws InputError where it is no time for this call. */
  expectOpen(call: string): void {
    this.#life.expect(call);
    const { failure } = this.#crew;
    if (failure) {
      // It came between two calls: the next one is told that it was before.
      this.#life.fail(failure);
      throw failure;
    }
    if (this.#isFinished)
      throw new InputError(
        `Expected no ${call} after finish but the threads have been stopped; start another learner`,
      );
    if (this.#call !== null)
      throw new InputError(
        `Expected ${call} after the ${this.#call} before it had ended; wait for its promise first`,
      );
  }

  /** Actions of the first items; times in milliseconds from the start. */
  actions(): TimedAction[] {
    return this.#run.trace.actions(this.#begin);
  }

  /** The newest actions, noted from the first call on; times as those of `actions`. */
  recentActions(): RecentActions {
    const { recent, clock } = this.#run;
    recent.begin();
    return { now: (clock() - this.#begin) / 1e6, actions: recent.actions(this.#begin) };
  }

  /** Pieces of work that the threads have done, and the mean microseconds of each part of one. */
  get effort(): { actions: number; mathTime: number; schedulingTime: number } {
    const { effort } = this.#run;
    const sum = (field: number) => {
      let total = 0;
      for (let at = field; at < effort.length; at += effortFields) total += effort[at] as number;
      return total;
    };
    const actions = sum(0);
    const mean = (field: number) => (actions === 0 ? 0 : sum(field) / actions / 1000);
    return { actions, mathTime: mean(1), schedulingTime: mean(2) };
  }

  /** Bytes of the ledger that a change of plans gives back. */
  get heldByPlan(): number {
    return this.#memory.held;
  }

  /** For use when the run has finished: its executor may share the first thread's working space. */
  get run(): Run {
    return this.#run;
  }

  async #stop(): Promise<void> {
    Atomics.store(this.#run.stop, 0, 1);
    this.#run.work.raise();
    this.#run.composing.asked.raise();
    await this.#crew.stop();
  }

  /** An error that was met here, or the end of a thread that brought it about. */
  async #causeOf(thrown: unknown): Promise<unknown> {
    if (this.#run.executor.halt.isGivenUp) await this.#crew.hearOfFailure();
    return this.#crew.failure ?? thrown;
  }

  /** The run's lock; this thread must not sleep for it, or it would not hear that a thread died. */
  async #acquire(): Promise<void> {
    const { lock } = this.#run.executor;
    if (!lock.tryAcquire()) await lock.acquireAsync(() => this.#expectNoFailure());
  }

  /** Reports what has been predicted, and has it wait or learned where that is its turn. */
  async #collect(): Promise<void> {
    const { executor, arrivals, course } = this.#run;
    for (;;) {
      await this.#acquire();
      const slot = arrivals.nextCollected;
      const correct = arrivals.collect();
      executor.lock.release();
      if (correct < 0) break;
      // Only this thread brings items, so nobody writes to the slot that has gone free.
      const item = arrivals.at(slot);
      const predicted = arrivals.predictedAt(slot);
      const arrival = this.#toWait[slot] as number;
      if (arrival >= 0) course.waitingRoom?.add(item, arrival);
      const answer = this.#answers.get(slot);
      if (answer) {
        this.#answers.delete(slot);
        if (answer.isLearned) this.#score(slot, this.#predicted++);
        answer.resolve(item.x.slice(0, answer.length));
        continue;
      }
      this.#score(slot, this.#predicted);
      if (this.scores.regression) this.#tellValues(this.#predicted++, correct, item);
      else this.#options.onPrediction(this.#predicted++, correct, predicted, item.labels);
    }
    if (course.waitingRoom) await this.#gather(course.waitingRoom);
  }

  /** Has an idle learner learn what it chooses of the items that wait. */
  async #gather(waitingRoom: WaitingRoom): Promise<void> {
    const { executor, course, work } = this.#run;
    await this.#acquire();
    const { isCalled } = waitingRoom;
    executor.lock.release();
    if (!isCalled) return;
    const flight = waitingRoom.gather(this.#predicted - 1);
    await this.#acquire();
    course.predicted(flight);
    executor.lock.release();
    work.raise();
  }

  /** Of an item as it stands in the arrivals: its values where its inputs were. */
  #tellValues(index: number, meanSquaredError: number, { x, targets, size }: Batch): void {
    const length = size * this.#run.executor.itemShape.classes;
    const values = x.subarray(0, length);
    this.#options.onValues?.(index, meanSquaredError, values, targets as Float32Array);
  }

  #score(slot: number, index: number): void {
    const { arrivals } = this.#run;
    if (this.scores.regression) {
      const { x, targets, size } = arrivals.at(slot);
      this.scores.addValues(index, x, targets as Float32Array, size);
      return;
    }
    const { labels, size } = arrivals.at(slot);
    const only = onlyOf(arrivals.predictedAt(slot), size);
    this.watch.add(index, only, labels, arrivals.isSound(slot), size);
  }

  /** Waits for a condition that another thread's work brings about, which raises `signal`. */
  async #waitFor(signal: Signal, holds: () => boolean): Promise<void> {
    const { executor } = this.#run;
    for (;;) {
      const seen = signal.count;
      await this.#collect();
      await this.#acquire();
      const held = holds();
      executor.lock.release();
      this.#expectNoFailure();
      if (held) return;
      await signal.waitAsync(seen, breath);
    }
  }

  #expectNoFailure(): void {
    if (this.#crew.failure) throw this.#crew.failure;
    this.#life.expect(this.#call ?? "call");
  }

  async #waitUntil(due: number): Promise<void> {
    if (this.#run.course.waitingRoom) return this.#attendUntil(due);
    const left = () => (due - this.#run.clock()) / 1e6;
    if (left() > fineWait) {
      await sleep(left() - fineWait / 2, undefined, { signal: this.#disposing.signal });
      this.#breathed = performance.now();
    }
    if (performance.now() - this.#breathed > breath) {
      await breathe();
      this.#breathed = performance.now();
    }
    const rest = left();
    if (rest > 0) Atomics.wait(this.#nothing, 0, 0, rest);
  }

  /** The same where this thread has to look whenever something was predicted or learned. */
  async #attendUntil(due: number): Promise<void> {
    const { news, clock } = this.#run;
    for (;;) {
      const seen = news.any.count;
      await this.#collect();
      this.#expectNoFailure();
      const left = (due - clock()) / 1e6;
      if (left <= 0) return;
      if (left > fineWait) await news.any.waitAsync(seen, left - fineWait / 2);
      else if (performance.now() - this.#breathed > breath) {
        await breathe();
        this.#breathed = performance.now();
      } else news.any.wait(seen, left);
    }
  }
}

interface Started {
  readonly run: Run;
  readonly crew: Crew;
  readonly memory: RecordedMemory;
}

/** One-stage courses compose in the thread that brings the items: they choose them there. */
export function composesApart({
  algorithm,
  description,
}: Pick<ThreadsClockOptions, "algorithm" | "description">): boolean {
  return algorithm.attach !== undefined && description.course.kind !== "one-stage";
}

async function startThreads(
  options: ThreadsClockOptions,
  description: RunDescription,
): Promise<Started> {
  const { ledger, algorithm, algorithmMemory, accessMemory, admission } = options;
  const memory = new RecordedMemory(ledger);
  const cells = new NewCells();
  const { bringer } = executorsOf(description);
  const admitter = admission ? { admission, memory: ledger } : null;
  const run = await buildRun(description, bringer, algorithm, memory, cells, admitter);
  run.course.start();
  const crew = new Crew({
    tasks: run.tasks,
    halt: run.executor.halt,
    onFailure() {
      for (const signal of [...Object.values(run.news), run.composing.done]) signal.raise();
    },
  });
  const threadCount = description.threadCount + (composesApart(options) ? 1 : 0);
  await crew.start(
    Array.from({ length: threadCount }, (_, index) => ({
      description,
      index,
      algorithmMemory: algorithmMemory.buffers,
      memory: memory.buffers,
      cells: cells.buffers,
      composes: index < description.threadCount ? null : accessMemory.buffers,
      algorithm: index < description.threadCount ? null : (options.saved ?? null),
    })),
  );
  return { run, crew, memory };
}
