import type { Action } from "./action.js";
import { backwardOf, forwardOf } from "./order.js";

/** Stages on devices, of which one holds several, and the micro-batches of one flush. */
export interface Layout {
  readonly stageCount: number;
  readonly deviceCount: number;
  readonly microbatchCount: number;
  /** The device that holds a stage. */
  deviceOf(stage: number): number;
}

/** What an ideal machine does: by device, in order, and when the last of it is done. */
export interface ListSchedule {
  readonly actions: readonly (readonly Action[])[];
  readonly length: number;
}

/** How a device chooses among steps that could be done now. */
export interface ListRule {
  /** After a backward pass a forward one first, and the reverse; else the furthest step first. */
  readonly alternates: boolean;
  /** Whether stage 0 may take in the next micro-batch. */
  admits(state: ListState): boolean;
}

interface ListState extends Layout {
  /** The micro-batch that would come in. */
  readonly item: number;
  /** Per micro-batch how many passes have begun: F of stage 0 .. last, then B of last .. 0. */
  readonly begun: readonly number[];
  /** Micro-batches times stages whose activations the device of stage 0 holds. */
  readonly held: number;
}

/**
 * The order in which the devices do all forward and backward passes on a machine on which all
 * stages take equally long, a backward pass twice as long as a forward one: whenever a device is
 * free it begins the step that the rule puts first. Micro-batches pass a stage in their order.
 */
export function listSchedule(layout: Layout, rule: ListRule): ListSchedule {
  const { stageCount, deviceCount, microbatchCount, deviceOf } = layout;
  const steps = 2 * stageCount;
  const stageOf = (step: number) => (step < stageCount ? step : steps - 1 - step);
  const stepsOf = Array.from({ length: deviceCount }, (_, device) =>
    // The furthest step first.
    Array.from({ length: steps }, (_, index) => steps - 1 - index).filter(
      (step) => deviceOf(stageOf(step)) === device,
    ),
  );
  const actions: Action[][] = Array.from({ length: deviceCount }, () => []);
  const freeAt = new Array<number>(deviceCount).fill(0);
  // Per step the micro-batch whose turn it is; per micro-batch its progress, and since when.
  const turn = new Array<number>(steps).fill(0);
  const begun = new Array<number>(microbatchCount).fill(0);
  const readyAt = new Array<number>(microbatchCount).fill(0);
  let left = steps * microbatchCount;
  let length = 0;
  for (let time = 0; left > 0; time++)
    for (let device = 0; device < deviceCount; device++) {
      if ((freeAt[device] as number) > time) continue;
      const step = choose(device, time);
      if (step === undefined) continue;
      const item = turn[step] as number;
      const isForward = step < stageCount;
      actions[device]?.push((isForward ? forwardOf : backwardOf)(stageOf(step), item));
      const end = time + (isForward ? 1 : 2);
      length = Math.max(length, end);
      freeAt[device] = end;
      readyAt[item] = end;
      begun[item] = step + 1;
      turn[step] = item + 1;
      left--;
    }
  return { actions, length };

  function choose(device: number, time: number): number | undefined {
    const ready = (stepsOf[device] as number[]).filter((step) => {
      const item = turn[step] as number;
      if (begun[item] !== step || (readyAt[item] as number) > time) return false;
      return step > 0 || rule.admits({ ...layout, item, begun, held: held(device, time) });
    });
    const did = actions[device]?.at(-1)?.kind ?? "B";
    const other = ready.find((step) => (did === "B" ? step < stageCount : step >= stageCount));
    return rule.alternates ? (other ?? ready[0]) : ready[0];
  }

  /** Forward passes that the device has begun, less backward passes that have ended. */
  function held(device: number, time: number): number {
    const own = actions[device] as Action[];
    const isBusy = (freeAt[device] as number) > time;
    const ended = isBusy ? own.slice(0, -1) : own;
    const backwards = ended.filter(({ kind }) => kind === "B").length;
    return own.filter(({ kind }) => kind === "F").length - backwards;
  }
}
