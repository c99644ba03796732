import type { ActionKind } from "../../schedule/action.js";
import type { Executor } from "../execute.js";
import type { Flight } from "../flight.js";
import type { DurationHistogram } from "../histogram.js";
import type { Trace } from "./trace.js";

/** What a thread does, by its schedule. */
export interface Task {
  kind: ActionKind;
  /** Its number in the stream. */
  item: number;
  stage: number;
}

/**
 * Hands out the work of a schedule to the threads of a run. In every thread one of its own stands
 * on the same cells:
 *
 * ```
 * thread that brings items    arrive ............ arrive ......
 * threads that work                [predict] predicted
 *                                  begin [compute] end .. begin [compute] end ..
 * ```
 *
 * Every method but `compute`, `start` and `finish` is called under the run's lock.
 */
export interface Dispatcher {
  /** What this thread has begun; reused. */
  readonly task: Readonly<Task>;
  /** Whether all that was taken in has been learned, but for what `finish` does. */
  readonly isThrough: boolean;
  /** Whether an item that came now would be taken in. */
  hasRoom(item: number): boolean;
  /**
   * Takes an item in: gives its flight, with slots for its batch, or null where there is no room:
   * it is dropped.
   * @param arrival nanoseconds.
   */
  arrive(item: number, arrival: number): Flight | null;
  /** The item of a worker's flight in slot `slot` has been predicted: it may be learned now. */
  predicted(worker: number, slot: number): void;
  /** Takes up what this thread is to do next; false where there is nothing to do. */
  begin(): boolean;
  /** The math of what was begun. */
  compute(): void;
  /**
   * Ends it. True where it leads to something that this thread is to do at once: that has begun.
   * @param start when `compute` began, nanoseconds.
   * @param now when it ended.
   */
  end(start: number, now: number): boolean;
  /** Called once, by the thread that brings the items, before any other thread starts. */
  start(): void;
  /** No item comes any more. */
  drain(): void;
  /** Applies what is still gathered when everything is through. */
  finish(now: number): void;
}

/** What dispatchers do their work with, and where they note what was done. */
export interface DispatcherParts {
  readonly executor: Executor;
  readonly trace: Trace;
  /** Nanoseconds from an item's arrival to its last update. */
  readonly latency: DurationHistogram;
}
