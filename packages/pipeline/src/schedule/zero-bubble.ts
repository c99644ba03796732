import type { Action } from "./action.js";
import { backwardOf, forwardOf, type OrderMaker, updateOf, weightOf } from "./order.js";

/**
 * Zero-Bubble H1 (Qi et al. 2023, arXiv 2401.10241): the backward pass is split into B, the
 * gradient at the input, on which the stage before waits, and W, the weight gradient, on which
 * nobody waits. Stage i puts its W off by i micro-batches, so that they fill the idle time of the
 * end: (P - 1)(T_F + T_B - T_W) is left, in the memory of one forward, one backward.
 *
 * ```
 * device 0   F0 F1 F2 .. B0 W0 F3 B1 W1 .. B2 W2 B3 W3 U
 * device 2   .. .. F0 B0 F1 B1 F2 B2 W0 F3 B3 W1 W2 W3 U
 * ```
 */
export const zeroBubble: OrderMaker = (deviceCount, microbatchCount) => ({
  name: "zero-bubble",
  stageCount: deviceCount,
  deviceCount,
  microbatchCount,
  deviceOf: (stage) => stage,
  splitsBackward: true,
  period: microbatchCount,
  flushes: true,
  delay: 0,
  actions: Array.from({ length: deviceCount }, (_, stage) =>
    deviceOrder(stage, deviceCount, microbatchCount),
  ),
});

function deviceOrder(stage: number, stageCount: number, microbatchCount: number): Action[] {
  const ahead = Math.min(stageCount - stage, microbatchCount);
  const actions: Action[] = [];
  let weights = 0;
  for (let item = 0; item < ahead; item++) actions.push(forwardOf(stage, item));
  for (let item = 0; item < microbatchCount; item++) {
    actions.push(backwardOf(stage, item));
    // A weight gradient follows once `stage` of them have been put off.
    if (item >= stage) actions.push(weightOf(stage, weights++));
    if (ahead + item < microbatchCount) actions.push(forwardOf(stage, ahead + item));
  }
  while (weights < microbatchCount) actions.push(weightOf(stage, weights++));
  actions.push(updateOf(stage, microbatchCount - 1));
  return actions;
}
