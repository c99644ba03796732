import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../errors.js";
import { Life } from "../../life.js";
import { NewCells } from "../../memory/cells.js";
import type { Ledger } from "../../memory/ledger.js";
import { RecordedMemory } from "../../memory/memory.js";
import type { PredictionListener } from "../../realtime-contract.js";
import type { TimedAction } from "../../schedule/action.js";
import type { Batch, LearningAlgorithm } from "../algorithm.js";
import { checkItem } from "../check-item.js";
import { CollapseWatch, onlyOf } from "../collapse.js";
import { DurationHistogram } from "../histogram.js";
import { Crew } from "./crew.js";
import type { RunDescription } from "./description.js";
import { buildRun, effortFields, type Run } from "./run.js";
import type { Signal } from "./signal.js";

export interface RealtimeEngineOptions {
  readonly description: RunDescription;
  readonly ledger: Ledger;
  /** This thread's; its buffers outlive a change of plans. */
  readonly algorithm: LearningAlgorithm;
  readonly algorithmMemory: RecordedMemory;
  /** Milliseconds between two items; null: as fast as they can be taken, without a drop. */
  readonly arrivalInterval: number | null;
  /** Called in the order of arrival; the arrays are good until it returns. */
  readonly onPrediction: PredictionListener;
}

/** Below this a timer is too coarse, and the thread waits on the spot; milliseconds. */
const fineWait = 2;
/** The event loop gets a turn at least this often; milliseconds. */
const breath = 20;

/**
 * A pipeline on the wall clock. This thread only brings the items, in time, and composes what is
 * learned from them; the threads of the crew predict and learn, whatever is ready next:
 *
 * ```
 * this thread   item 0   item 1   item 2   item 3 ...
 * thread 0      [predict 0][F0.0][predict 2][B0.1]...
 * thread 1            [predict 1][F1.0] ...
 * ```
 */
export class RealtimeEngine {
  items = 0;
  admitted = 0;
  dropped = 0;
  /** The most that an item came later than its time, because predictions lagged; milliseconds. */
  mostLate = 0;
  /** Nanoseconds from an item's arrival to its last update, under plans that have gone. */
  readonly pastLatency = new DurationHistogram(new NewCells());
  readonly watch: CollapseWatch;
  readonly #options: RealtimeEngineOptions;
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
  #breathed = performance.now();
  /** Whether the threads have been stopped because all is through. */
  #isFinished = false;
  /** What is asked of it now; the next call must wait for it. */
  #call: string | null = null;
  readonly #life = new Life();
  readonly #disposing = new AbortController();

  private constructor(options: RealtimeEngineOptions, started: Started) {
    this.#options = options;
    this.#description = options.description;
    this.#interval = options.arrivalInterval;
    ({ run: this.#run, crew: this.#crew, memory: this.#memory } = started);
    this.watch = new CollapseWatch(started.run.executor.itemShape);
    this.#begin = this.#run.clock();
    this.#due = this.#begin;
  }

  /**
   * Allocates everything and starts the threads.
   * @throws InputError where the budget or a named part does not serve; Error where a thread
   * cannot start.
   */
  static async start(options: RealtimeEngineOptions): Promise<RealtimeEngine> {
    return new RealtimeEngine(options, await startThreads(options, options.description));
  }

  /**
   * Lets every item finish and goes on with another plan, in new threads.
   * @param interval milliseconds between the items to come, or null.
   * @param between called when the old buffers have been given back and no new ones taken.
   */
  replan(
    { partition, workers, inFlight }: Pick<RunDescription, "partition" | "workers" | "inFlight">,
    interval: number | null,
    between: () => void,
  ): Promise<void> {
    return this.#during("replan", async () => {
      await this.#finish();
      this.pastLatency.addAll(this.#run.latency);
      this.#run.executor.dispose();
      this.#memory.releaseAll();
      between();
      this.#description = { ...this.#description, partition, workers, inFlight };
      const started = await startThreads(this.#options, this.#description);
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
    const { arrivals, dispatcher, executor, news, work, clock } = this.#run;
    const index = this.items;
    const interval = this.#interval;
    // Time begins with the first item, whatever the caller did before.
    if (index === 0) this.#due = clock();
    if (interval !== null) await this.#waitUntil(this.#due);
    await this.#waitFor(news.predicted, () => arrivals.hasRoom);
    if (interval === null && learned)
      await this.#waitFor(news.takenIn, () => dispatcher.hasRoom(index));
    const now = clock();
    if (interval !== null) {
      this.mostLate = Math.max(this.mostLate, (now - this.#due) / 1e6);
      this.#due += interval * 1e6;
    }

    await this.#acquire();
    const slot = arrivals.nextFree;
    const flight = learned && dispatcher.arrive(index, now);
    executor.lock.release();
    // Nobody else looks at either until the item is pushed.
    const copy = arrivals.at(slot);
    const [{ length }, { size }] = [copy.x, copy];
    copy.x.set(item.x.length === length ? item.x : item.x.subarray(0, length));
    copy.labels.set(item.labels.length === size ? item.labels : item.labels.subarray(0, size));
    if (flight) executor.compose(flight, learned);
    await this.#acquire();
    arrivals.push(index, flight?.worker ?? -1, flight?.slot ?? -1);
    executor.lock.release();
    work.raise();

    this.items++;
    if (flight) this.admitted++;
    else if (learned) this.dropped++;
    await this.#collect();
  }

  /** Lets every item finish, applies what is still gathered and stops the threads. */
  async finish(): Promise<void> {
    this.#life.expect("finish");
    if (this.#isFinished) return;
    await this.#during("finish", () => this.#finish());
    this.#isFinished = true;
  }

  async #finish(): Promise<void> {
    const { arrivals, dispatcher, executor, news, clock } = this.#run;
    await this.#acquire();
    dispatcher.drain();
    executor.lock.release();
    await this.#waitFor(news.predicted, () => arrivals.empty);
    await this.#waitFor(news.finished, () => dispatcher.isThrough);
    dispatcher.finish(clock());
    await this.#stop();
  }

  /** Stops the threads, whatever they are at; a call that still waits is let know by an error. */
  async dispose(): Promise<void> {
    if (!this.#life.dispose()) return;
    this.#disposing.abort();
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
        `Expected finish before ${call} but the threads still compute; wait for finish() first`,
      );
  }

  /** One call after the other; one that fails stops the threads. */
  async #during(call: string, work: () => Promise<void>): Promise<void> {
    this.expectOpen(call);
    this.#call = call;
    try {
      await work();
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

  /** For use when the run has finished: its executor shares the first thread's working space. */
  get run(): Run {
    return this.#run;
  }

  async #stop(): Promise<void> {
    Atomics.store(this.#run.stop, 0, 1);
    this.#run.work.raise();
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

  async #collect(): Promise<void> {
    const { executor, arrivals } = this.#run;
    for (;;) {
      await this.#acquire();
      const slot = arrivals.nextCollected;
      const correct = arrivals.collect();
      executor.lock.release();
      if (correct < 0) return;
      // Only this thread brings items, so nobody writes to the slot that has gone free.
      const { labels } = arrivals.at(slot);
      const predicted = arrivals.predictedAt(slot);
      this.watch.add(this.#predicted, onlyOf(predicted), labels, arrivals.isSound(slot));
      this.#options.onPrediction(this.#predicted++, correct, predicted, labels);
    }
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
}

interface Started {
  readonly run: Run;
  readonly crew: Crew;
  readonly memory: RecordedMemory;
}

async function startThreads(
  { ledger, algorithm, algorithmMemory }: RealtimeEngineOptions,
  description: RunDescription,
): Promise<Started> {
  const memory = new RecordedMemory(ledger);
  const cells = new NewCells();
  const run = await buildRun(description, 0, algorithm, memory, cells);
  run.dispatcher.start();
  const crew = new Crew({
    tasks: run.tasks,
    halt: run.executor.halt,
    onFailure() {
      for (const signal of Object.values(run.news)) signal.raise();
    },
  });
  await crew.start(
    Array.from({ length: description.threadCount }, (_, index) => ({
      description,
      index,
      algorithmMemory: algorithmMemory.buffers,
      memory: memory.buffers,
      cells: cells.buffers,
    })),
  );
  return { run, crew, memory };
}
