import type { Cells } from "../../memory/cells.js";
import { type ActionKind, actionKinds, type TimedAction } from "../../schedule/action.js";

const fields = 6;

/** Actions of the first items, written by any thread under one lock and read at the end. */
export class Trace {
  readonly #items: number;
  readonly #capacity: number;
  readonly #cells: Float64Array;

  /** @param items actions of items below this number are kept, as far as there is room. */
  constructor(items: number, stageCount: number, cells: Cells) {
    this.#items = items;
    this.#capacity = actionKinds.length * items * stageCount;
    this.#cells = cells.doubles(1 + fields * this.#capacity);
  }

  /** Times in nanoseconds. */
  add(
    kind: ActionKind,
    item: number,
    worker: number,
    stage: number,
    start: number,
    end: number,
  ): void {
    const count = this.#cells[0] as number;
    if (item >= this.#items || count === this.#capacity) return;
    this.#cells.set(
      [actionKinds.indexOf(kind), item, worker, stage, start, end],
      1 + fields * count,
    );
    this.#cells[0] = count + 1;
  }

  /**
   * The actions in the order in which they ended, a backward pass before the update that it led
   * to; milliseconds after `begin` (nanoseconds).
   */
  actions(begin: number): TimedAction[] {
    const count = this.#cells[0] as number;
    const all = Array.from({ length: count }, (_, index) => {
      const at = 1 + fields * index;
      const [kind, item, worker, stage, start, end] = this.#cells.subarray(
        at,
        at + fields,
      ) as unknown as [number, number, number, number, number, number];
      return {
        kind: actionKinds[kind] as TimedAction["kind"],
        item,
        worker,
        stage,
        start: (start - begin) / 1e6,
        end: (end - begin) / 1e6,
      };
    });
    return all.sort((a, b) => a.end - b.end || Number(a.kind === "U") - Number(b.kind === "U"));
  }
}
