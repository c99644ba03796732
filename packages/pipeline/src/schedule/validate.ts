import { formatAction, type TimedAction } from "./action.js";
import { render } from "./render.js";

/**
 * Holds a run against the rules of pipeline training and returns what is broken, one text a
 * violation with the grid and the offending cell marked; an empty list means a valid run.
 *
 * - a device does one thing at a time;
 * - an item moves forward stage by stage, and back only after it came;
 * - no action happens twice;
 * - at most `stageCount - stage` items are in flight on a device.
 */
export function validate(actions: readonly TimedAction[], stageCount: number): string[] {
  const work = actions.filter(({ kind }) => kind !== "U");
  const tick = Math.min(...work.map(({ start, end }) => end - start).filter((time) => time > 0));
  const violations: string[] = [];
  const complain = (action: TimedAction, text: string) => {
    const grid = render(work, tick, { ...action, time: action.start });
    violations.push(`${formatAction(action)} at ${action.start} ms: ${text}\n${grid}`);
  };

  const done = new Map<string, TimedAction>();
  const at = (kind: string, action: TimedAction, stage: number) =>
    done.get(`${kind}${action.item}/${stage}`);
  const busyUntil = new Map<string, TimedAction>();
  const inFlight = new Map<string, number>();
  const finished = lastBackwards(work);
  const learned = new Set(
    work.filter(({ kind }) => kind === "B").map(({ item, stage }) => `${item}/${stage}`),
  );

  const events = work
    .flatMap((action) => [
      { time: action.start, begins: true, action },
      { time: action.end, begins: false, action },
    ])
    .sort((a, b) => a.time - b.time || Number(a.begins) - Number(b.begins));

  for (const { begins, action } of events) {
    const device = `${action.worker}/${action.stage}`;
    const key = `${action.kind}${action.item}/${action.stage}`;
    if (!begins) {
      done.set(key, action);
      if (finished.get(`${action.item}`) === action)
        for (let stage = 0; stage < stageCount; stage++)
          if (!learned.has(`${action.item}/${stage}`)) decrement(inFlight, action.worker, stage);
      if (action.kind === "B") decrement(inFlight, action.worker, action.stage);
      continue;
    }
    const other = busyUntil.get(device);
    if (other && other.end > action.start)
      complain(action, `the device still runs ${formatAction(other)}`);
    busyUntil.set(device, action);
    if (done.has(key)) complain(action, "done twice");
    if (action.kind === "F") {
      if (action.stage > 0 && !at("F", action, action.stage - 1))
        complain(action, "its forward pass of the stage before has not ended");
      const count = (inFlight.get(device) ?? 0) + 1;
      inFlight.set(device, count);
      if (count > stageCount - action.stage)
        complain(action, `${count} items in flight, at most ${stageCount - action.stage} may be`);
    } else if (!at("F", action, action.stage)) {
      complain(action, "its forward pass has not ended");
    } else if (action.stage < stageCount - 1 && !at("B", action, action.stage + 1)) {
      complain(action, "the gradient of the stage behind has not arrived");
    }
  }
  return violations;
}

/** The last backward pass of every item: with it go free the stages that omit theirs (T3). */
function lastBackwards(work: readonly TimedAction[]): Map<string, TimedAction> {
  const last = new Map<string, TimedAction>();
  for (const action of work) {
    const known = last.get(`${action.item}`);
    if (action.kind === "B" && (!known || action.end > known.end))
      last.set(`${action.item}`, action);
  }
  return last;
}

function decrement(counts: Map<string, number>, worker: number, stage: number): void {
  const device = `${worker}/${stage}`;
  counts.set(device, (counts.get(device) ?? 0) - 1);
}
