import type { TimedAction } from "./action.js";

/** A cell to point at in the drawing: the column of `time` in the row of a device. */
export interface Mark {
  readonly worker: number;
  readonly stage: number;
  readonly time: number;
}

/**
 * Draws a run as text, one row per stage of a worker, one column per tick; an action longer than a
 * tick fills its columns, `..` is idle. The marked cell stands in brackets.
 *
 * @param tick milliseconds per column.
 */
export function render(actions: readonly TimedAction[], tick: number, mark?: Mark): string {
  const text = ({ kind, item }: TimedAction) => `${kind}${item}`;
  return draw(actions, tick, ({ stage }) => stage, text, mark)
    .map(({ worker, row, cells }) => `worker ${worker} stage ${row} | ${cells}`)
    .join("\n");
}

/**
 * The same, one row per device. Where a device holds several stages, cells begin with the stage, as
 * `formatAction` writes it: `5F0`.
 *
 * @param deviceOf the device that holds a stage, whatever the worker.
 */
export function renderDevices(
  actions: readonly TimedAction[],
  tick: number,
  deviceOf: (stage: number) => number,
): string {
  const stages = [...new Set(actions.map(({ stage }) => stage))];
  const isShared = new Set(stages.map(deviceOf)).size < stages.length;
  const text = ({ stage, kind, item }: TimedAction) => `${isShared ? stage : ""}${kind}${item}`;
  return draw(actions, tick, ({ stage }) => deviceOf(stage), text)
    .map(({ row, cells }) => `device ${row} | ${cells}`)
    .join("\n");
}

/** The rows in order, each with its cells side by side. */
function draw(
  actions: readonly TimedAction[],
  tick: number,
  rowOf: (action: TimedAction) => number,
  textOf: (action: TimedAction) => string,
  mark?: Mark,
): { worker: number; row: number; cells: string }[] {
  const drawn = actions.filter(({ kind }) => kind !== "U");
  const columns = Math.max(0, ...drawn.map(({ end }) => Math.ceil(end / tick - 1e-9)));
  const width = Math.max(2, ...drawn.map((action) => textOf(action).length));
  const rows = new Map<string, { worker: number; row: number; texts: string[] }>();
  for (const action of drawn) {
    const { worker, start, end } = action;
    const row = rowOf(action);
    const key = `${worker}/${row}`;
    const own = rows.get(key) ?? { worker, row, texts: Array<string>(columns).fill("") };
    rows.set(key, own);
    const first = Math.round(start / tick);
    const last = Math.max(first + 1, Math.round(end / tick));
    for (let column = first; column < last; column++) own.texts[column] = textOf(action);
  }
  return [...rows.values()]
    .sort((a, b) => a.worker - b.worker || a.row - b.row)
    .map(({ worker, row, texts }) => {
      const line = texts.map((cell, column) => {
        const text = (cell || "..").padEnd(width);
        const marked =
          mark?.worker === worker &&
          mark.stage === row &&
          Math.floor(mark.time / tick + 1e-9) === column;
        return marked ? `[${text.trimEnd()}]`.padEnd(width) : text;
      });
      return { worker, row, cells: line.join(" ").trimEnd() };
    });
}
