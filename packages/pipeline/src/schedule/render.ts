import type { TimedAction } from "./action.js";

/** A cell to point at in the drawing: the column of `time` in the row of a device. */
export interface Mark {
  readonly worker: number;
  readonly stage: number;
  readonly time: number;
}

/**
 * Draws a run as text, one row a device, one column a tick; an action longer than a tick fills
 * its columns, `..` is idle. The marked cell stands in brackets.
 *
 * @param tick milliseconds a column.
 */
export function render(actions: readonly TimedAction[], tick: number, mark?: Mark): string {
  const drawn = actions.filter(({ kind }) => kind !== "U");
  const columns = Math.max(0, ...drawn.map(({ end }) => Math.ceil(end / tick - 1e-9)));
  const width = Math.max(2, ...drawn.map(({ kind, item }) => `${kind}${item}`.length));
  const rows = new Map<string, { worker: number; stage: number; cells: string[] }>();
  for (const { worker, stage, kind, item, start, end } of drawn) {
    const key = `${worker}/${stage}`;
    const row = rows.get(key) ?? { worker, stage, cells: Array<string>(columns).fill("") };
    rows.set(key, row);
    const first = Math.round(start / tick);
    const last = Math.max(first + 1, Math.round(end / tick));
    for (let column = first; column < last; column++) row.cells[column] = `${kind}${item}`;
  }
  const sorted = [...rows.values()].sort((a, b) => a.worker - b.worker || a.stage - b.stage);
  return sorted
    .map(({ worker, stage, cells }) => {
      const line = cells.map((cell, column) => {
        const text = (cell || "..").padEnd(width);
        const marked =
          mark?.worker === worker &&
          mark.stage === stage &&
          Math.floor(mark.time / tick + 1e-9) === column;
        return marked ? `[${text.trimEnd()}]`.padEnd(width) : text;
      });
      return `worker ${worker} stage ${stage} | ${line.join(" ").trimEnd()}`;
    })
    .join("\n");
}
