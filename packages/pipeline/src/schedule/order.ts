import type { Action, TimedAction } from "./action.js";

/**
 * A schedule that is fixed beforehand: what every device does, in which order. Data alone; how long
 * things take is `layOut`'s business.
 */
export interface FixedOrder {
  readonly name: string;
  /** Parts that the model is cut into; a device may hold several. */
  readonly stageCount: number;
  readonly deviceCount: number;
  readonly microbatchCount: number;
  /** The device that holds a stage. */
  deviceOf(stage: number): number;
  /** By device: actions in order. `B` includes the weight gradient unless there are `W`. */
  readonly actions: readonly (readonly Action[])[];
  /** Whether weight gradients are actions of their own. */
  readonly splitsBackward: boolean;
  /** Micro-batches from one update of a stage to the next. */
  readonly period: number;
  /** Whether the micro-batches of an update are all done before the next ones begin. */
  readonly flushes: boolean;
  /**
   * Updates between the version that a micro-batch uses and the newest one of its period: 1 keeps
   * the version before the newest as well (double buffering).
   */
  readonly delay: 0 | 1;
}

/** Durations of one stage on one micro-batch; any unit. `backward` is the input's gradient alone. */
export interface ActionTimes {
  readonly forward: number;
  readonly backward: number;
  readonly weight: number;
}

/**
 * How fixed orders are made: devices, micro-batches of one flush, and the most stages that the
 * model can be cut into, for schedules that put several on a device.
 */
export type OrderMaker = (
  deviceCount: number,
  microbatchCount: number,
  mostStages: number,
) => FixedOrder;

export const forwardOf = (stage: number, item: number): Action => ({
  kind: "F",
  item,
  worker: 0,
  stage,
});
export const backwardOf = (stage: number, item: number): Action => ({
  kind: "B",
  item,
  worker: 0,
  stage,
});
export const weightOf = (stage: number, item: number): Action => ({
  kind: "W",
  item,
  worker: 0,
  stage,
});
export const updateOf = (stage: number, item: number): Action => ({
  kind: "U",
  item,
  worker: 0,
  stage,
});

/**
 * Puts an order on a clock: every action starts as soon as its device has done the one before and
 * what it needs is there.
 *
 * ```
 * F(s, k) needs F(s-1, k)      B(s, k) needs F(s, k) and B(s+1, k)      W(s, k) needs B(s, k)
 * ```
 *
 * Updates take no time.
 * @throws Error where the devices wait for one another for ever.
 */
export function layOut(order: FixedOrder, times: ActionTimes): TimedAction[] {
  const ends = new Map<string, number>();
  const key = (kind: string, stage: number, item: number) => `${kind}${stage}/${item}`;
  const positions = order.actions.map(() => 0);
  const free = order.actions.map(() => 0);
  const done: TimedAction[] = [];
  const total = order.actions.reduce((sum, actions) => sum + actions.length, 0);
  while (done.length < total) {
    const before = done.length;
    order.actions.forEach((actions, device) => {
      for (;;) {
        const action = actions[positions[device] as number];
        if (!action) return;
        const ready = readyAt(action);
        if (ready === null) return;
        const start = Math.max(free[device] as number, ready);
        const end = start + duration(action);
        ends.set(key(action.kind, action.stage, action.item), end);
        done.push({ ...action, start, end });
        free[device] = end;
        positions[device] = (positions[device] as number) + 1;
      }
    });
    if (done.length === before)
      throw new Error(`Expected ${order.name} to go on but every device waits for another one`);
  }
  return done.sort((a, b) => a.end - b.end || a.start - b.start);

  function readyAt({ kind, stage, item }: Action): number | null {
    if (kind === "U") return 0;
    const needs: string[] = [];
    if (kind === "F" && stage > 0) needs.push(key("F", stage - 1, item));
    if (kind === "B") needs.push(key("F", stage, item));
    if (kind === "B" && stage < order.stageCount - 1) needs.push(key("B", stage + 1, item));
    if (kind === "W") needs.push(key("B", stage, item));
    let latest = 0;
    for (const need of needs) {
      const end = ends.get(need);
      if (end === undefined) return null;
      latest = Math.max(latest, end);
    }
    return latest;
  }

  function duration({ kind }: Action): number {
    if (kind === "F") return times.forward;
    if (kind === "W") return times.weight;
    if (kind === "U") return 0;
    return times.backward + (order.splitsBackward ? 0 : times.weight);
  }
}
