import { oneForwardOneBackward } from "./one-forward-one-backward.js";
import { type OrderMaker, updateOf } from "./order.js";

/**
 * PipeDream-2BW (Narayanan et al. 2021, arXiv 2006.09503): double-buffered weights. Gradients of
 * m = P micro-batches are gathered before each update, and micro-batch k (from 1) uses version
 * max(floor((k - 1) / m) - 1, 0), one behind the newest: two versions and a staleness of one
 * everywhere.
 *
 * ```
 * device 0   F0 F1 B0 F2 B1 U F3 B2 F4 B3 U ..
 * device 1   .. F0 B0 F1 B1 U F2 B2 F3 B3 U ..      (P = m = 2)
 * ```
 */
export const pipeDream2Bw: OrderMaker = (deviceCount, microbatchCount) => ({
  name: "pipedream-2bw",
  stageCount: deviceCount,
  deviceCount,
  microbatchCount,
  deviceOf: (stage) => stage,
  splitsBackward: false,
  period: deviceCount,
  flushes: false,
  delay: 1,
  actions: Array.from({ length: deviceCount }, (_, stage) =>
    oneForwardOneBackward(stage, deviceCount, microbatchCount).flatMap((action) =>
      action.kind === "B" && (action.item + 1) % deviceCount === 0
        ? [action, updateOf(stage, action.item)]
        : [action],
    ),
  ),
});
