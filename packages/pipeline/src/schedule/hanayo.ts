import type { Action } from "./action.js";
import { backwardOf, forwardOf, type OrderMaker, updateOf } from "./order.js";

/**
 * Hanayo (Liu et al. 2023, arXiv 2308.15762) with W waves: the model is cut into 2 W P stages that
 * lie on the P devices as a snake, so that a micro-batch runs down the devices and up again W
 * times, and neighbouring waves fill one another's idle time:
 *
 * ```
 * P = 3, W = 1     device 0   stage 0         stage 5
 *                  device 1     stage 1     stage 4
 *                  device 2       stage 2 stage 3
 * ```
 *
 * A model of fewer layers fills only the beginning of the snake.
 *
 * The order is that of a machine on which all stages take equally long (a backward pass twice a
 * forward one) and a device prefers a backward pass, then the deepest forward one. A device takes
 * in a new micro-batch only while no more than P of them are under way, as one forward, one
 * backward does.
 */
export function hanayo(waves: number): OrderMaker {
  return (deviceCount, microbatchCount, mostStages) => {
    const stageCount = Math.min(2 * waves * deviceCount, mostStages);
    const deviceOf = (stage: number) => {
      const position = stage % deviceCount;
      return Math.floor(stage / deviceCount) % 2 === 0 ? position : deviceCount - 1 - position;
    };
    const actions = listSchedule(stageCount, deviceCount, microbatchCount, deviceOf);
    for (let stage = 0; stage < stageCount; stage++)
      actions[deviceOf(stage)]?.push(updateOf(stage, microbatchCount - 1));
    return {
      name: `hanayo-${waves}`,
      stageCount,
      deviceCount,
      microbatchCount,
      deviceOf,
      splitsBackward: false,
      period: microbatchCount,
      flushes: true,
      delay: 0,
      actions,
    };
  };
}

/** The order in which the devices of an ideal machine do all forward and backward passes. */
function listSchedule(
  stageCount: number,
  deviceCount: number,
  microbatchCount: number,
  deviceOf: (stage: number) => number,
): Action[][] {
  const actions: Action[][] = Array.from({ length: deviceCount }, () => []);
  const freeAt = new Array<number>(deviceCount).fill(0);
  // Per micro-batch: how far it is (F of stage 0 .. last, then B of last .. 0), and since when.
  const progress = new Array<number>(microbatchCount).fill(0);
  const readyAt = new Array<number>(microbatchCount).fill(0);
  const steps = 2 * stageCount;
  let left = steps * microbatchCount;
  for (let time = 0; left > 0; time++) {
    for (let device = 0; device < deviceCount; device++) {
      if ((freeAt[device] as number) > time) continue;
      const item = choose(device, time);
      if (item === null) continue;
      const step = progress[item] as number;
      const isForward = step < stageCount;
      const stage = isForward ? step : steps - 1 - step;
      actions[device]?.push(isForward ? forwardOf(stage, item) : backwardOf(stage, item));
      const end = time + (isForward ? 1 : 2);
      freeAt[device] = end;
      readyAt[item] = end;
      progress[item] = step + 1;
      left--;
    }
  }
  return actions;

  /** The micro-batch whose next step is this device's: the furthest one; a new one only in turn. */
  function choose(device: number, time: number): number | null {
    const underWay = progress.filter((step) => step > 0 && step < steps).length;
    let chosen: number | null = null;
    for (let item = 0; item < microbatchCount; item++) {
      const step = progress[item] as number;
      if (step === steps || (readyAt[item] as number) > time) continue;
      if (step === 0 && underWay >= 2 * deviceCount) continue;
      const stage = step < stageCount ? step : steps - 1 - step;
      if (deviceOf(stage) !== device) continue;
      if (chosen === null || step > (progress[chosen] as number)) chosen = item;
    }
    return chosen;
  }
}
