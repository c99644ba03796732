import type { Task } from "../../course/contract.js";
import { actionKinds } from "../../schedule/action.js";
import { effortFields, type Run, taskFields } from "./run.js";

/** Codes of `taskNames`. */
const prediction = 1;
const composition = 2;
const firstKind = 3;

/**
 * Does the next piece of work of a run: a prediction first, for the stream does not wait, then
 * what the schedule hands out. Any thread may serve any device, so none rests while there is work.
 *
 * @param thread index of this thread.
 * @returns false where there was nothing to do.
 */
export function workOnce(run: Run, thread: number): boolean {
  const { executor, arrivals, course, clock, effort } = run;
  const began = clock();
  executor.lock.acquire();
  const slot = arrivals.begin();
  let mathTime: number;
  if (slot >= 0) {
    note(run, thread, prediction, arrivals.itemOf(slot), -1);
    executor.lock.release();
    const start = clock();
    const right = executor.evaluate(arrivals.at(slot), arrivals.predictedAt(slot));
    arrivals.keepLogits(slot, executor.lastLogits, executor.itemShape.classes);
    const end = clock();
    mathTime = end - start;
    endPrediction(run, slot, right, start, end);
  } else {
    const task = course.next();
    if (!task) {
      executor.lock.release();
      return false;
    }
    course.begin(task);
    mathTime = learn(run, thread, task);
  }
  note(run, thread, 0, -1, -1);
  run.work.raise();
  const at = effortFields * thread;
  effort[at] = (effort[at] as number) + 1;
  effort[at + 1] = (effort[at + 1] as number) + mathTime;
  effort[at + 2] = (effort[at + 2] as number) + (clock() - began - mathTime);
  return true;
}

/**
 * Composes what the bringing thread has asked for, of a thread that does nothing else.
 * @returns false where there was nothing to do.
 */
export function composeOnce(run: Run, thread: number): boolean {
  const { composing, arrivals, executor, course } = run;
  const { pending } = composing;
  if (!pending) return false;
  const flight = executor.flightAt(pending.worker, pending.flight);
  note(run, thread, composition, flight.item, -1);
  const item = arrivals.at(pending.place);
  item.size = pending.size;
  course.compose(flight, item);
  note(run, thread, 0, -1, -1);
  composing.end();
  return true;
}

function endPrediction(
  { executor, arrivals, course, news, recent }: Run,
  slot: number,
  right: number,
  start: number,
  end: number,
): void {
  executor.lock.acquire();
  const worker = arrivals.workerOf(slot);
  if (worker >= 0) course.predicted(executor.flightAt(worker, arrivals.flightOf(slot)));
  arrivals.end(slot, right, executor.isSound);
  recent.add("P", arrivals.itemOf(slot), -1, -1, start, end);
  executor.lock.release();
  news.predicted.raise();
  news.any.raise();
}

/**
 * Does what was begun under the lock that the caller holds, and what it leads to at once: works
 * without the lock, ends under it and lets go of it.
 * @returns nanoseconds of the work itself.
 */
function learn(run: Run, thread: number, first: Task): number {
  const { executor, course, work, news, clock } = run;
  let task: Task | null = first;
  let mathTime = 0;
  for (;;) {
    const { kind, item, stage } = task;
    note(run, thread, firstKind + actionKinds.indexOf(kind), item, stage);
    const start = clock();
    executor.lock.release();
    // Stage 0 has taken in the item that waited.
    if (kind === "F" && stage === 0) news.room.raise();
    course.compute(task);
    mathTime += clock() - start;
    executor.lock.acquire();
    task = course.end(task, start, clock());
    if (!task) break;
    // Others may go on with what has ended.
    work.raise();
  }
  const { isThrough } = course;
  executor.lock.release();
  if (isThrough) {
    news.room.raise();
    news.finished.raise();
    news.any.raise();
  }
  return mathTime;
}

function note({ tasks }: Run, thread: number, code: number, item: number, stage: number): void {
  const at = taskFields * thread;
  tasks[at] = code;
  tasks[at + 1] = item;
  tasks[at + 2] = stage;
}
