import type { Action } from "./action.js";
import type { FixedOrder } from "./order.js";
import { createOrder } from "./orders.js";

/**
 * A schedule on a stream, whose micro-batches do not end. One that flushes starts again with the
 * next ones; one that does not repeats what lies between its warm-up and its drain:
 *
 * ```
 * dapple, device 1 of 2       | F0 B0 F1 B1 U | F2 B2 F3 B3 U | ..
 * pipedream, device 0 of 2    F0 F1 | B0 U F2 | B1 U F3 | ..
 * ```
 */
export class EndlessOrder {
  /** The order of so many micro-batches that what repeats is in it. */
  readonly order: FixedOrder;
  /** By device: actions that come once, at the start. */
  readonly #warmUps: readonly number[];
  /** By device: actions that repeat, for `period` micro-batches. */
  readonly #cycles: readonly number[];

  /**
   * @param microbatchCount of one flush; ignored by schedules that do not flush.
   * @param mostStages that the model can be cut into.
   * @throws InputError if the name is unknown or a count is not a positive integer.
   */
  constructor(name: string, deviceCount: number, microbatchCount: number, mostStages?: number) {
    const flush = createOrder(name, deviceCount, microbatchCount, mostStages);
    this.order = flush.flushes ? flush : createOrder(name, deviceCount, 2 * deviceCount);
    const { actions, flushes, period } = this.order;
    this.#warmUps = actions.map((own) => (flushes ? 0 : own.findIndex(({ kind }) => kind !== "F")));
    this.#cycles = actions.map((own) => {
      const stages = new Set(own.map(({ stage }) => stage)).size;
      const passes = this.order.splitsBackward ? 3 : 2;
      return stages * (passes * period + 1);
    });
  }

  /** What is done and where; the item is that of the first time round, see `itemAt`. */
  actionAt(device: number, index: number): Action {
    const actions = this.order.actions[device] as readonly Action[];
    const warmUp = this.#warmUps[device] as number;
    if (index < warmUp) return actions[index] as Action;
    return actions[warmUp + ((index - warmUp) % (this.#cycles[device] as number))] as Action;
  }

  /** The micro-batch, counted from the start of the stream. */
  itemAt(device: number, index: number): number {
    const { item } = this.actionAt(device, index);
    const beyond = Math.max(0, index - (this.#warmUps[device] as number));
    return item + this.order.period * Math.floor(beyond / (this.#cycles[device] as number));
  }
}
