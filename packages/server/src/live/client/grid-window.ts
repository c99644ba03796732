import { type LiveGrid, liveKinds } from "../snapshot.js";

/** An action to be drawn; microseconds before or after the grid's moment. */
export interface Drawn {
  readonly kind: (typeof liveKinds)[number];
  readonly worker: number;
  readonly stage: number;
  readonly item: number;
  readonly start: number;
  readonly end: number;
}

/** A row of the picture: of a stage with a worker, or of predictions. */
export interface Row {
  /** -1: predictions. */
  readonly worker: number;
  readonly stage: number;
}

/** Pixels that an action should have. */
const legible = 6;
/** Microseconds; more is no picture of now. */
const longest = 5e6;

export function drawnOf({ actions }: LiveGrid): Drawn[] {
  const all: Drawn[] = [];
  for (let at = 0; at < actions.length; at += 6) {
    const [kind, worker, stage, item, start, duration] = actions.slice(at, at + 6) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const name = liveKinds[kind];
    if (name) all.push({ kind: name, worker, stage, item, start, end: start + duration });
  }
  return all;
}

/** The rows of a plan and of what was done, predictions first, then worker by worker. */
export function rowsOf(actions: readonly Drawn[], workers: number, stages: number): Row[] {
  const rows = new Map<string, Row>();
  const add = (worker: number, stage: number) => rows.set(`${worker}/${stage}`, { worker, stage });
  for (let worker = 0; worker < workers; worker += 1)
    for (let stage = 0; stage < stages; stage += 1) add(worker, stage);
  for (const { worker, stage } of actions) add(worker, stage);
  return [...rows.values()].sort((a, b) => a.worker - b.worker || a.stage - b.stage);
}

/**
 * What time is shown: up to the end of the newest action, a round time that all that happened in is
 * known of, and in which actions are not too narrow. Null: nothing was done.
 *
 * @param width pixels.
 */
export function windowOf(
  actions: readonly Drawn[],
  isWhole: boolean,
  width: number,
): { readonly begin: number; readonly end: number } | null {
  if (actions.length === 0) return null;
  const end = Math.max(...actions.map((action) => action.end));
  const span = isWhole
    ? end - Math.min(...actions.map(({ start }) => start))
    : end - (actions[0] as Drawn).end;
  const most = Math.max(1, Math.floor(width / legible));
  let length = isWhole ? roundUp(span) : roundDown(span);
  while (length > 1e-3 && (length > longest || mostInARow(actions, end - length) > most))
    length = roundDown(length * 0.9);
  return { begin: end - length, end };
}

/** Actions of the row that has most of them after a moment; updates take no room. */
function mostInARow(actions: readonly Drawn[], begin: number): number {
  const counts = new Map<string, number>();
  for (const { kind, worker, stage, end } of actions) {
    if (kind === "U" || end <= begin) continue;
    const row = `${worker}/${stage}`;
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** 1, 2 or 5 times a power of ten, at most so much. */
export function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)) + 1e-9);
  const digits = value / power + 1e-9;
  return power * (digits >= 5 ? 5 : digits >= 2 ? 2 : 1);
}

/** The same, at least so much. */
function roundUp(value: number): number {
  const below = roundDown(value);
  if (below >= value) return below;
  return roundDown(below * 2.5);
}
