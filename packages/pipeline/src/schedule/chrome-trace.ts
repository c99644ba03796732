import type { TimedAction } from "./action.js";

const names: Readonly<Record<TimedAction["kind"], string>> = {
  F: "forward",
  B: "backward",
  W: "weight gradient",
  U: "update",
};

/**
 * A run in the Trace Event Format, which Perfetto and chrome://tracing open: a process a worker, a
 * thread a row (by default a stage), an event an action.
 *
 * @param actions times in milliseconds.
 * @param rowOf row of an action and its name.
 */
export function chromeTrace(
  actions: readonly TimedAction[],
  rowOf: (action: TimedAction) => { readonly row: number; readonly name: string } = ({
    stage,
  }) => ({
    row: stage,
    name: `stage ${stage}`,
  }),
): string {
  const rows = new Map<string, object>();
  const events = actions.map((action) => {
    const { kind, item, worker, stage, start, end } = action;
    const { row, name } = rowOf(action);
    const place = { pid: worker, tid: row };
    rows.set(`${worker}/${row}`, { name: "thread_name", ph: "M", ...place, args: { name } });
    const common = { name: `${kind}${item}`, cat: names[kind], ...place, ts: 1000 * start };
    const args = { item, stage };
    return kind === "U"
      ? { ...common, ph: "i", s: "t", args }
      : { ...common, ph: "X", dur: 1000 * (end - start), args };
  });
  const workers = [...new Set(actions.map(({ worker }) => worker))].map((worker) => ({
    name: "process_name",
    ph: "M",
    pid: worker,
    args: { name: `worker ${worker}` },
  }));
  return JSON.stringify({
    displayTimeUnit: "ms",
    traceEvents: [...workers, ...rows.values(), ...events],
  });
}
