import { oneForwardOneBackward } from "./one-forward-one-backward.js";
import { type OrderMaker, updateOf } from "./order.js";

/**
 * PipeDream (Narayanan et al. 2019, arXiv 1806.03377): one forward, one backward without a flush.
 * Every backward is followed by an update, and uses the weights of its forward (weight stashing):
 * P - i versions and a staleness of P - 1 - i at stage i.
 *
 * ```
 * device 0   F0 F1 B0 U F2 B1 U F3 B2 U ..
 * device 1   .. F0 B0 U F1 B1 U F2 B2 U ..
 * ```
 */
export const pipeDream: OrderMaker = (deviceCount, microbatchCount) => ({
  name: "pipedream",
  stageCount: deviceCount,
  deviceCount,
  microbatchCount,
  deviceOf: (stage) => stage,
  splitsBackward: false,
  period: 1,
  flushes: false,
  delay: 0,
  actions: Array.from({ length: deviceCount }, (_, stage) =>
    oneForwardOneBackward(stage, deviceCount, microbatchCount).flatMap((action) =>
      action.kind === "B" ? [action, updateOf(stage, action.item)] : [action],
    ),
  ),
});
