import { oneForwardOneBackward } from "./one-forward-one-backward.js";
import { type OrderMaker, updateOf } from "./order.js";

/**
 * DAPPLE (Fan et al. 2021, arXiv 2007.01045): one forward, one backward with a flush. All gradients
 * of the M micro-batches are gathered, then every stage updates: one weight version, nothing stale,
 * and (P - 1)(T_F + T_B + T_W) of idle time on every device.
 *
 * ```
 * device 0   F0 F1 F2 B0 F3 B1 .. B2 .. B3 U
 * device 1   .. F0 F1 B0 F2 B1 F3 B2 .. B3 U      (idle times not to scale)
 * device 2   .. .. F0 B0 F1 B1 F2 B2 F3 B3 U
 * ```
 */
export const dapple: OrderMaker = (deviceCount, microbatchCount) => ({
  name: "dapple",
  stageCount: deviceCount,
  deviceCount,
  microbatchCount,
  deviceOf: (stage) => stage,
  splitsBackward: false,
  period: microbatchCount,
  flushes: true,
  delay: 0,
  actions: Array.from({ length: deviceCount }, (_, stage) => [
    ...oneForwardOneBackward(stage, deviceCount, microbatchCount),
    updateOf(stage, microbatchCount - 1),
  ]),
});
