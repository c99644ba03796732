import type { Batch } from "../execute/algorithm.js";
import type { Executor } from "../execute/executor.js";
import type { Flight } from "../execute/flight.js";
import type { DurationHistogram } from "../metrics/duration-histogram.js";
import type { ActionKind } from "../schedule/action.js";

/** What a device is to do, or is doing. A course has one of them for each device, and reuses it. */
export interface Task {
  readonly device: number;
  readonly kind: ActionKind;
  /** Its number in the stream. */
  readonly item: number;
  readonly worker: number;
  readonly stage: number;
  /**
   * Whether a clock that simulates time does the math when the task begins: nothing will need its
   * weights again (T3), and holding them while the clock runs on could leave an update no slot.
   */
  readonly isFleeting: boolean;
}

/**
 * What may be done next on a stream, and which slots that takes. It knows nothing of time: a clock
 * asks, and decides when things happen and who does them.
 *
 * ```
 * who brings the items    arrive [compose] ............ arrive [compose] ....
 * who works               predicted
 *                         next begin [compute] end .. next begin [compute] end ..
 * ```
 *
 * Every method except those in brackets is called under the clock's lock, if it has one; `start`
 * and `finish` are called when no other thread is active. On threads each thread has its own course
 * on the same cells, and the thread that begins a task ends it.
 */
export interface Course {
  readonly deviceCount: number;
  /** Items that were taken in since the course was made. */
  readonly admitted: number;
  /** Whether all that was taken in has been learned, except for what `finish` does. */
  readonly isThrough: boolean;
  /**
   * Where items wait to be chosen from, of courses that have such a room: items go there, and
   * never to `arrive`. Only whoever brings the items has it.
   */
  readonly waitingRoom: WaitingRoom | null;
  /** Whether an item that came now would be taken in, at no other item's expense. */
  hasRoom(item: number): boolean;
  /**
   * Takes an item in: returns its flight, with slots for its batch, or null if there is no room:
   * then the item is dropped.
   * @param at nanoseconds.
   */
  arrive(item: number, at: number): Flight | null;
  /** Writes the batch to learn, for which `item` was taken in, into the flight's slots. */
  compose(flight: Flight, item: Batch): void;
  /** What a flight brings has been predicted: it may be learned now. */
  predicted(flight: Flight): void;
  /** The first of all tasks that could be done now; null: none. */
  next(): Task | null;
  /** Begins the task that `next` returned. */
  begin(task: Task): void;
  /** Its math. */
  compute(task: Task): void;
  /**
   * Ends it. A task that follows at once on the same device is returned and has begun.
   * @param start when it began, nanoseconds.
   */
  end(task: Task, start: number, now: number): Task | null;
  /** Items may come, the first time or after `finish`. */
  start(): void;
  /** No item comes any more; in a pause, none until nothing is in flight. */
  drain(isPause?: boolean): void;
  /** Applies what is still gathered when everything else is done. */
  finish(now: number): void;
}

/** Items that were not learned as they came, and may be yet. */
export interface WaitingRoom {
  /** Has a copy of an item wait that has been predicted. */
  add(item: Batch, at: number): void;
  /** Whether the learner is idle and somebody waits; under the lock. */
  readonly isCalled: boolean;
  /**
   * Chooses what is learned next, where `isCalled`, and composes it; gives its flight. Without
   * the lock: nobody else is there.
   * @param item number of the last one that has come.
   */
  gather(item: number): Flight;
}

/** Takes the actions that have been done, in the order in which they end; times in nanoseconds. */
export interface ActionLog {
  add(
    kind: ActionKind,
    item: number,
    worker: number,
    stage: number,
    start: number,
    end: number,
  ): void;
}

/** What courses do their work with, and where they note what was done. */
export interface CourseParts {
  readonly executor: Executor;
  readonly log: ActionLog;
  /** Nanoseconds from an item's arrival to its last update. */
  readonly latency: DurationHistogram;
}
