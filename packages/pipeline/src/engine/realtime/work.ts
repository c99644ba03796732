import { counters, type Run, workFields } from "./run.js";

/**
 * Does the next piece of work of a run: a prediction first, for the stream does not wait, then
 * what the schedule allows on some device, backward passes before forward ones, old items before
 * young ones. Any thread may serve any device, so none rests while there is work.
 *
 * @param thread index of this thread.
 * @returns false where there was nothing to do.
 */
export function workOnce(run: Run, thread: number): boolean {
  const { executor, arrivals } = run;
  executor.lock.acquire();
  const slot = arrivals.begin();
  if (slot >= 0) {
    note(run, thread, 1, arrivals.itemOf(slot), -1);
    executor.lock.release();
    predict(run, slot);
  } else {
    if (!run.choice.find()) {
      executor.lock.release();
      return false;
    }
    runDevice(run, thread);
  }
  note(run, thread, 0, -1, -1);
  run.signal.raise();
  return true;
}

function predict({ executor, arrivals, pipeline }: Run, slot: number): void {
  const right = executor.predict(arrivals.at(slot));
  executor.lock.acquire();
  const worker = arrivals.workerOf(slot);
  if (worker >= 0) pipeline.flightAt(worker, arrivals.flightOf(slot)).predicted = true;
  arrivals.end(slot, right);
  executor.lock.release();
}

/** Begins under the lock that the caller holds, works without it, ends under it. */
function runDevice(run: Run, thread: number): void {
  const { executor, pipeline, clock } = run;
  const { device, kind } = run.choice;
  const { stage, worker } = device;
  const flight = pipeline.begin(device, kind);
  const start = clock();
  note(run, thread, kind === "F" ? 2 : 3, flight.item, stage);
  executor.lock.release();

  if (kind === "F") executor.forward(flight, stage);
  else executor.backward(flight, stage);

  const { item, arrival } = flight;
  executor.lock.acquire();
  const now = clock();
  const updates = executor.updates[stage];
  const end = kind === "B" && updates ? updates.appliedAt : now;
  run.trace.add(kind, item, worker, stage, start, end);
  if (kind === "B" && updates?.published) run.trace.add("U", item, worker, stage, end, end);
  if (pipeline.end(device)) {
    run.latency.add(now - arrival);
    run.counters[counters.finished] = (run.counters[counters.finished] as number) + 1;
  }
  executor.lock.release();
}

function note({ work }: Run, thread: number, code: number, item: number, stage: number): void {
  const at = workFields * thread;
  work[at] = code;
  work[at + 1] = item;
  work[at + 2] = stage;
}
