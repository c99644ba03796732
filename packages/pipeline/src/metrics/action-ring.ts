import type { ActionLog } from "../course/contract.js";
import type { Cells } from "../memory/cells.js";
import { type ActionKind, actionKinds, type TimedAction } from "../schedule/action.js";

/** A prediction, or what a schedule hands out. */
export type RecentKind = "P" | ActionKind;

/** An action with its place in time; a prediction (`P`) has -1 for worker and stage. */
export interface RecentAction extends Omit<TimedAction, "kind"> {
  readonly kind: RecentKind;
}

/** The newest actions of a learner. */
export interface RecentActions {
  /** Milliseconds on the learner's clock, as those of its actions. */
  readonly now: number;
  /** In the order in which they ended. */
  readonly actions: readonly RecentAction[];
}

/** Actions that are kept. */
export const ringCapacity = 512;
/** A power of two; the other half is what a writer may write while a reader copies. */
const slots = 2 * ringCapacity;

const kinds: readonly RecentKind[] = ["P", ...actionKinds];
/** Code of a slot that nothing has been written to; kinds come after it. */
const empty = 0;

const isOn = 0;
const written = 1;

/**
 * The newest actions, in memory of a fixed size: written by any thread under one lock, read by one
 * that does not take it. Nothing is written before `begin`.
 *
 * A reader takes the newest half of the ring. The writer would have to write the other half in the
 * meantime to reach what it copies, and then the reader leaves that out.
 */
export class ActionRing implements ActionLog {
  /** Whether it is on, and actions written, modulo 2^32. */
  readonly #control: Int32Array;
  /** By slot: code of the kind, worker, stage. */
  readonly #places: Int32Array;
  /** By slot: item, start and end in nanoseconds. */
  readonly #times: Float64Array;

  constructor(cells: Cells) {
    this.#control = cells.ints(2);
    this.#places = cells.ints(3 * slots);
    this.#times = cells.doubles(3 * slots);
  }

  /** Notes what is done from now on. */
  begin(): void {
    Atomics.store(this.#control, isOn, 1);
  }

  /** Takes over what another ring has noted, while nobody writes to either. */
  goOn(before: ActionRing): void {
    this.#places.set(before.#places);
    this.#times.set(before.#times);
    this.#control.set(before.#control);
  }

  /** Times in nanoseconds. */
  add(
    kind: RecentKind,
    item: number,
    worker: number,
    stage: number,
    start: number,
    end: number,
  ): void {
    if (Atomics.load(this.#control, isOn) === 0) return;
    const count = Atomics.load(this.#control, written);
    const at = 3 * (count & (slots - 1));
    this.#places[at] = 1 + kinds.indexOf(kind);
    this.#places[at + 1] = worker;
    this.#places[at + 2] = stage;
    this.#times[at] = item;
    this.#times[at + 1] = start;
    this.#times[at + 2] = end;
    Atomics.store(this.#control, written, (count + 1) | 0);
  }

  /**
   * The newest actions, at most `ringCapacity`, in the order in which they were added.
   * @param begin nanoseconds from which times are counted.
   */
  actions(begin: number): RecentAction[] {
    const count = Atomics.load(this.#control, written);
    const all: RecentAction[] = [];
    for (let back = ringCapacity; back > 0; back--) {
      const at = 3 * ((count - back) & (slots - 1));
      const [kind, worker, stage] = this.#places.subarray(at, at + 3);
      if (kind === empty) continue;
      const [item, start, end] = this.#times.subarray(at, at + 3);
      all.push({
        kind: kinds[(kind as number) - 1] as RecentKind,
        item: item as number,
        worker: worker as number,
        stage: stage as number,
        start: ((start as number) - begin) / 1e6,
        end: ((end as number) - begin) / 1e6,
      });
    }
    // An exchange, so that what was copied was read before it. One slot more is being written.
    const since = (Atomics.add(this.#control, written, 0) - count) | 0;
    const overwritten = Math.max(0, since + 1 + all.length - slots);
    return overwritten === 0 ? all : all.slice(overwritten);
  }
}

/** Notes what is done in two places. */
export function logToBoth(first: ActionLog, second: ActionLog): ActionLog {
  return {
    add(kind, item, worker, stage, start, end) {
      first.add(kind, item, worker, stage, start, end);
      second.add(kind, item, worker, stage, start, end);
    },
  };
}
