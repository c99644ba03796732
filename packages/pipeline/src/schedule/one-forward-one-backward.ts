import type { Action } from "./action.js";
import { backwardOf, forwardOf } from "./order.js";

/**
 * One forward, one backward at stage `stage`: as many forwards as there are stages from here to the
 * end, then a backward before each further forward, then what is left:
 *
 * ```
 * stage 0 of 3   F0 F1 F2 B0 F3 B1 F4 B2 .. B3 B4
 * stage 2 of 3   F0 B0 F1 B1 F2 B2 F3 B3 F4 B4
 * ```
 */
export function oneForwardOneBackward(
  stage: number,
  stageCount: number,
  microbatchCount: number,
): Action[] {
  const ahead = Math.min(stageCount - stage, microbatchCount);
  const actions: Action[] = [];
  for (let item = 0; item < ahead; item++) actions.push(forwardOf(stage, item));
  for (let item = 0; item < microbatchCount; item++) {
    actions.push(backwardOf(stage, item));
    if (ahead + item < microbatchCount) actions.push(forwardOf(stage, ahead + item));
  }
  return actions;
}
