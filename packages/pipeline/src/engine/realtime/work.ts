import { counters, effortFields, type Run, taskFields } from "./run.js";

/**
 * Does the next piece of work of a run: a prediction first, for the stream does not wait, then
 * what the schedule allows on some device, backward passes before forward ones, old items before
 * young ones. Any thread may serve any device, so none rests while there is work.
 *
 * @param thread index of this thread.
 * @returns false where there was nothing to do.
 */
export function workOnce(run: Run, thread: number): boolean {
  const { executor, arrivals, clock, effort } = run;
  const began = clock();
  executor.lock.acquire();
  const slot = arrivals.begin();
  let mathTime: number;
  if (slot >= 0) {
    note(run, thread, 1, arrivals.itemOf(slot), -1);
    executor.lock.release();
    const start = clock();
    const right = executor.predict(arrivals.at(slot));
    mathTime = clock() - start;
    endPrediction(run, slot, right);
  } else {
    if (!run.choice.find()) {
      executor.lock.release();
      return false;
    }
    mathTime = runDevice(run, thread);
  }
  note(run, thread, 0, -1, -1);
  run.work.raise();
  const at = effortFields * thread;
  effort[at] = (effort[at] as number) + 1;
  effort[at + 1] = (effort[at + 1] as number) + mathTime;
  effort[at + 2] = (effort[at + 2] as number) + (clock() - began - mathTime);
  return true;
}

function endPrediction(
  { executor, arrivals, pipeline, news }: Run,
  slot: number,
  right: number,
): void {
  executor.lock.acquire();
  const worker = arrivals.workerOf(slot);
  if (worker >= 0) pipeline.flightAt(worker, arrivals.flightOf(slot)).predicted = true;
  arrivals.end(slot, right);
  executor.lock.release();
  news.predicted.raise();
}

/**
 * Begins under the lock that the caller holds, works without it, ends under it.
 * @returns nanoseconds of the work itself.
 */
function runDevice(run: Run, thread: number): number {
  const { executor, pipeline, clock } = run;
  const { device, kind } = run.choice;
  const { stage, worker } = device;
  const flight = pipeline.begin(device, kind);
  const start = clock();
  note(run, thread, kind === "F" ? 2 : 3, flight.item, stage);
  executor.lock.release();
  // Stage 0 has taken in the item that waited.
  if (kind === "F" && stage === 0) run.news.takenIn.raise();

  if (kind === "F") executor.forward(flight, stage);
  else executor.backward(flight, stage);

  const { item, arrival } = flight;
  const mathTime = clock() - start;
  executor.lock.acquire();
  const now = clock();
  const updates = executor.updates[stage];
  const end = kind === "B" && updates ? updates.appliedAt : now;
  run.trace.add(kind, item, worker, stage, start, end);
  if (kind === "B" && updates?.published) run.trace.add("U", item, worker, stage, end, end);
  const hasLeft = pipeline.end(device);
  if (hasLeft) {
    run.latency.add(now - arrival);
    run.counters[counters.finished] = (run.counters[counters.finished] as number) + 1;
  }
  executor.lock.release();
  if (hasLeft) run.news.finished.raise();
  return mathTime;
}

function note({ tasks }: Run, thread: number, code: number, item: number, stage: number): void {
  const at = taskFields * thread;
  tasks[at] = code;
  tasks[at + 1] = item;
  tasks[at + 2] = stage;
}
