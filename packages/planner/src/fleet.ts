import { canBeLate } from "./compensation-time.js";
import type { FleetModel } from "./fleet-model.js";
import type { Part } from "./kinds.js";
import { sharedSlots } from "./slots.js";
import { limited, neededSlots, type SteadyState } from "./steady-state.js";

/** How often slots are counted again for what is late by the previous count. */
const mostRounds = 3;

/**
 * Workers on a partition, and what was found out about them: most compensations that are tried with
 * them ask the same.
 */
export class Fleet {
  readonly model: FleetModel;
  readonly parts: readonly Part[];
  /** With nothing repaired. */
  readonly free: SteadyState;
  readonly #limits: FleetLimit[] = [];
  /** By compensation, and the stages where gradients can be late. */
  readonly #repaired = new Map<string, SteadyState>();
  /** Of compensations that take no time. */
  #freeSlots: readonly FleetLimit[] | undefined;

  constructor(model: FleetModel, parts: readonly Part[]) {
    this.model = model;
    this.parts = parts;
    this.free = model.steadyState(parts);
  }

  /** With no more items in flight at each stage than that. */
  within(inFlight: readonly number[]): FleetLimit {
    const known = this.#limits.find((each) => isSame(each.inFlight, inFlight));
    if (known) return known;
    const limit = new FleetLimit(this, inFlight);
    this.#limits.push(limit);
    return limit;
  }

  /** As many slots as the items need and, if that is more than they need on average, one fewer. */
  limits(compensation: string): readonly FleetLimit[] {
    if (this.model.takesTime(compensation)) return this.#limitsOf(compensation);
    this.#freeSlots ??= this.#limitsOf(compensation);
    return this.#freeSlots;
  }

  /**
   * As many slots as the items need. Where one is enough nothing is late and no repair is paid for,
   * so they are counted from below: first with nothing repaired, then with what is late by that
   * count.
   */
  enough(compensation: string): FleetLimit {
    let limit = this.within(neededSlots(this.free));
    for (let round = 0; round < mostRounds; round += 1) {
      const next = this.within(neededSlots(limit.unlimited(compensation)));
      if (next === limit) break;
      limit = next;
    }
    return limit;
  }

  /** The state where gradients are repaired at the stages of `late`, one character each. */
  repaired(compensation: string, late: string, slots: FleetLimit["slots"]): SteadyState {
    if (!this.model.takesTime(compensation)) return this.free;
    const key = `${late} ${compensation}`;
    const known = this.#repaired.get(key);
    if (known) return known;
    const times = this.model.repairTimes(compensation, slots);
    const state = times === undefined ? this.free : this.model.steadyState(this.parts, times);
    this.#repaired.set(key, state);
    return state;
  }

  #limitsOf(compensation: string): readonly FleetLimit[] {
    const most = this.enough(compensation);
    const { inFlight } = most.unlimited(compensation);
    const less = this.within(
      most.inFlight.map((slots, stage) =>
        slots > (inFlight[stage] as number) + 0.05 ? Math.max(1, slots - 1) : slots,
      ),
    );
    return less === most ? [most] : [most, less];
  }
}

/** A fleet with no more items in flight at each stage than that. */
class FleetLimit {
  readonly inFlight: readonly number[];
  readonly slots: ReturnType<typeof sharedSlots>;
  readonly #fleet: Fleet;
  /** By stage, whether gradients can be late. */
  readonly #late: string;
  /** Bytes, but for the compensation's, and those of one vector of it. */
  readonly #bytes: { readonly plain: number; readonly vector: number };
  readonly #limited = new Map<SteadyState, SteadyState>();

  constructor(fleet: Fleet, inFlight: readonly number[]) {
    const { model, parts } = fleet;
    this.#fleet = fleet;
    this.inFlight = inFlight;
    this.slots = sharedSlots(model.stageCount, parts, inFlight);
    this.#late = inFlight.map((_, stage) => (canBeLate(this.slots, stage) ? "1" : "0")).join("");
    this.#bytes = model.bytesOf(parts, this.slots);
  }

  /** Ledger bytes with so many vectors of compensation. */
  memory(vectors: number): number {
    return this.#bytes.plain + vectors * this.#bytes.vector;
  }

  /** With a compensation, which takes its time where gradients can be late. */
  state(compensation: string): SteadyState {
    const free = this.unlimited(compensation);
    const known = this.#limited.get(free);
    if (known) return known;
    const state = limited(free, this.inFlight);
    this.#limited.set(free, state);
    return state;
  }

  /** The same before the limit is applied, which then only decides what is repaired. */
  unlimited(compensation: string): SteadyState {
    return this.#fleet.repaired(compensation, this.#late, this.slots);
  }
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  for (let stage = 0; stage < left.length; stage += 1)
    if (left[stage] !== right[stage]) return false;
  return true;
}
