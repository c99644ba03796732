import type { Cells } from "../memory/cells.js";
import type { Action, ActionKind } from "../schedule/action.js";
import type { EndlessOrder } from "../schedule/endless.js";

const came = 0;
const ended = 1;

/**
 * How far the devices are in an order, and what each may do next. It knows no clock and does no
 * math.
 *
 * A device keeps to its order; it only passes over what waits for a micro-batch that the stream
 * has not brought yet:
 *
 * ```
 * order          F0 F1 F2 B0 F3 B1 ..
 * 2 has come     F0 F1 .. B0 F2 B1 ..     micro-batch 2 came late, B0 went first
 * ```
 *
 * An update follows its last gradient at once: whoever ends a pass begins the updates behind it.
 *
 * So the devices never wait longer than they must, and hold no more than the order makes them:
 * with f forward passes done, at least as many backward passes are done as in the order itself.
 *
 * Between threads every method is called under one lock.
 */
export class OrderProgress {
  readonly #endless: EndlessOrder;
  /** By stage: micro-batches through; they pass a stage in their order. */
  readonly #forwards: Float64Array;
  readonly #backwards: Float64Array;
  /** By device: the first action of its order that has not begun. */
  readonly #front: Float64Array;
  /** By device: which actions from the front on have begun, a ring. */
  readonly #begun: readonly Int32Array[];
  /** Micro-batches that have come, and passes that have ended. */
  readonly #counts: Float64Array;

  constructor(endless: EndlessOrder, cells: Cells) {
    const { stageCount, actions } = endless.order;
    this.#endless = endless;
    this.#forwards = cells.doubles(stageCount);
    this.#backwards = cells.doubles(stageCount);
    this.#front = cells.doubles(actions.length);
    this.#begun = actions.map((own) => cells.ints(own.length));
    this.#counts = cells.doubles(2);
  }

  /** Micro-batches that have come. */
  get admitted(): number {
    return this.#counts[came] as number;
  }
  set admitted(value: number) {
    this.#counts[came] = value;
  }

  /** Whether every micro-batch that has come is through all its passes. */
  get isThrough(): boolean {
    const { stageCount, splitsBackward } = this.#endless.order;
    return this.#counts[ended] === this.admitted * stageCount * (splitsBackward ? 3 : 2);
  }

  /** Starts the order again with a micro-batch 0. */
  reset(): void {
    this.#counts.fill(0);
    this.#forwards.fill(0);
    this.#backwards.fill(0);
    this.#front.fill(0);
    for (const begun of this.#begun) begun.fill(0);
  }

  /** Place in its order of what a device may begin now; -1: it waits. */
  next(device: number): number {
    const begun = this.#begun[device] as Int32Array;
    const front = this.#front[device] as number;
    for (let index = front; index < front + begun.length; index++) {
      if (begun[index % begun.length] === 1) continue;
      const item = this.#endless.itemAt(device, index);
      if (item >= this.admitted) continue;
      return this.#isReady(this.#endless.actionAt(device, index), item) ? index : -1;
    }
    return -1;
  }

  begin(device: number, index: number): void {
    const begun = this.#begun[device] as Int32Array;
    begun[index % begun.length] = 1;
    let front = this.#front[device] as number;
    while (begun[front % begun.length] === 1) {
      begun[front % begun.length] = 0;
      front++;
    }
    this.#front[device] = front;
  }

  end(kind: ActionKind, stage: number): void {
    if (kind !== "U") this.#counts[ended] = (this.#counts[ended] as number) + 1;
    if (kind === "F") this.#forwards[stage] = (this.#forwards[stage] as number) + 1;
    if (kind === "B") this.#backwards[stage] = (this.#backwards[stage] as number) + 1;
  }

  #isReady({ kind, stage }: Action, item: number): boolean {
    if (kind === "F") return stage === 0 || (this.#forwards[stage - 1] as number) > item;
    if (kind !== "B") return true;
    const isLast = stage === this.#endless.order.stageCount - 1;
    const through = isLast ? this.#forwards[stage] : this.#backwards[stage + 1];
    return (through as number) > item;
  }
}
