import { expected } from "../errors.js";
import { dapple } from "./dapple.js";
import { hanayo } from "./hanayo.js";
import type { FixedOrder, OrderMaker } from "./order.js";
import { pipeDream } from "./pipedream.js";
import { pipeDream2Bw } from "./pipedream-2bw.js";
import { zeroBubble } from "./zero-bubble.js";

/** One row a schedule. */
const makers: Readonly<Record<string, OrderMaker>> = {
  dapple,
  "zero-bubble": zeroBubble,
  "hanayo-1": hanayo(1),
  "hanayo-2": hanayo(2),
  "hanayo-3": hanayo(3),
  pipedream: pipeDream,
  "pipedream-2bw": pipeDream2Bw,
};

/** No machine has a use for more than this, and nobody could read it. */
const mostPasses = 524_288;

/** Names that `createOrder` takes. */
export const orderNames: readonly string[] = Object.keys(makers);

/**
 * A fixed schedule by name.
 * @param deviceCount devices, at least 1; all but Hanayo put one stage on each.
 * @param microbatchCount micro-batches of one flush, or in all where there is none; at least 1.
 * @param mostStages that the model can be cut into (default: no limit).
 * @throws InputError if the name is unknown or a count is not a positive integer.
 */
export function createOrder(
  name: string,
  deviceCount: number,
  microbatchCount: number,
  mostStages: number = Number.POSITIVE_INFINITY,
): FixedOrder {
  const make = typeof name === "string" && Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (!make) throw expected(`one of ${orderNames.join(", ")}`, "schedule", name);
  for (const [what, count] of Object.entries({ deviceCount, microbatchCount }))
    if (!Number.isInteger(count) || count < 1) throw expected("positive integer", what, count);
  if (deviceCount * microbatchCount > mostPasses)
    throw expected(
      `${Math.floor(mostPasses / deviceCount)} at the most, on ${deviceCount} devices,`,
      "microbatchCount",
      microbatchCount,
      `an order has up to ${mostPasses} micro-batches of all devices together`,
    );
  return make(deviceCount, microbatchCount, mostStages);
}
