import type { Effort } from "../effort.js";
import type { CaseBound } from "./bound.js";
import { type Point, paretoFront } from "./front.js";
import type { CoverGroup, Limits } from "./limits.js";
import { mergeFronts } from "./merge.js";
import type { Case, WorkerChoice } from "./relax.js";
import { sidesOf } from "./sides.js";
import { type FrontRequest, workerFront } from "./worker-front.js";

export class OutOfPatience extends Error {}

export interface FleetTask {
  readonly one: Case;
  /** Bytes. */
  readonly budget: number;
  readonly bound: CaseBound;
  /** Solutions of a smaller R are of no interest. */
  readonly floor: number;
  /** The best R may be missed by this share; 0 for the exact one. */
  readonly accuracy: number;
  readonly effort: Effort;
}

/** Workers made of smaller fleets. */
type Fleet = WorkerChoice | { readonly left: Fleet; readonly right: Fleet };

type FleetPoint = Point<Fleet>;

/** About what it takes to keep a pair and sort it in, in the steps of `Effort`. */
const stepsOfPoint = 6;

/**
 * The best workers of one case among those of R >= `floor`: the Pareto front of one worker, then
 * of 2, 4, ... N workers by doubling.
 *
 * A partial choice is dropped where its bytes and the fewest of what is missing exceed the budget,
 * and where its loss, the sum of what its parts give up against the relaxed optimum at the bound's
 * price, exceeds the slack between bound and floor: nothing that is made of it can reach the floor.
 *
 * With a tolerance t a front keeps one point for all whose gains are within 1 + t. Gains add up, so
 * after d fronts the best that was left out is within (1 + t)^d = 1 + accuracy of what was kept, or
 * of the floor.
 */
export class FleetSearch implements Limits {
  readonly tolerance: number;
  readonly #task: FleetTask;
  readonly #groups: readonly CoverGroup[];
  readonly #slack: number;
  /** Bytes that the choices of all workers may add. */
  readonly #room: number;
  readonly #fewest: number;

  constructor(task: FleetTask, groups: readonly CoverGroup[]) {
    const { one, budget, bound, floor, accuracy } = task;
    this.#task = task;
    this.#groups = groups;
    this.#slack = bound.bound - floor + 1e-12 * Math.abs(bound.bound);
    this.#room = budget - one.terms.base(one.count, one.mayRecompute);
    const { fewest } = one.choices;
    this.#fewest = Math.min(
      ...sidesOf(one.count, one.mayRecompute).map((side) =>
        fewest[side].reduce((sum, bytes) => sum + bytes, 0),
      ),
    );
    const depth = one.terms.stageCount + 1 + 2 * Math.floor(Math.log2(one.count));
    this.tolerance = accuracy === 0 ? 0 : (1 + accuracy) ** (1 / depth) - 1;
  }

  /** @returns null where nothing reaches the floor. */
  solve(fronts: readonly FrontRequest[]): { workers: WorkerChoice[]; gain: number } | null {
    const { one, bound } = this.#task;
    const singles = fronts.flatMap((front) => workerFront(one, bound, this.#groups, front, this));
    let power: FleetPoint[] = paretoFront(singles, 0);
    let fleet: FleetPoint[] = [];
    let [size, powerSize] = [0, 1];
    for (;;) {
      if (one.count & powerSize) {
        fleet = size === 0 ? power : this.#merge(fleet, power, size + powerSize);
        size += powerSize;
      }
      if (2 * powerSize > one.count) break;
      power = this.#merge(power, power, 2 * powerSize);
      powerSize *= 2;
    }
    const best = this.#pick(fleet);
    return best === null ? null : { workers: unfold(best.made), gain: best.gain };
  }

  allows(loss: number, bytes: number, mask: number, workers: number): boolean {
    let credit = 0;
    let saving = 0;
    for (let bit = 0; bit < this.#groups.length; bit += 1) {
      const group = this.#groups[bit] as CoverGroup;
      saving += group.saving;
      if (mask & (1 << bit)) credit += group.credit;
    }
    if (loss - credit > this.#slack) return false;
    const missing = this.#task.one.count - workers;
    return bytes + missing * this.#fewest <= this.#room + saving;
  }

  spend(steps: number): void {
    this.#task.effort.spend(steps);
    if (this.#task.effort.isExhausted) throw new OutOfPatience();
  }

  /** Every pair of two fleets that may still become a solution. */
  #merge(left: FleetPoint[], right: FleetPoint[], size: number): FleetPoint[] {
    const { price, priced } = this.#task.bound;
    this.spend(left.length * right.length);
    return mergeFronts<Fleet>(left, right, this.tolerance, (gain, bytes, mask) => {
      const loss = size * priced.surplus - (gain - price * bytes);
      const isAllowed = this.allows(loss, bytes, mask, size);
      if (isAllowed) this.spend(stepsOfPoint);
      return isAllowed;
    });
  }

  /** The largest gain that fits, and among equals the fewest bytes. */
  #pick(fleet: readonly FleetPoint[]): FleetPoint | null {
    let best: FleetPoint | null = null;
    let bestBytes = 0;
    for (const point of fleet) {
      const bytes = this.#groups.reduce(
        (sum, { saving }, bit) => (point.mask & (1 << bit) ? sum - saving : sum),
        point.bytes,
      );
      if (bytes > this.#room || (best !== null && point.gain < best.gain)) continue;
      if (best !== null && point.gain === best.gain && bytes >= bestBytes) continue;
      best = point;
      bestBytes = bytes;
    }
    return best;
  }
}

function unfold(fleet: Fleet): WorkerChoice[] {
  return "left" in fleet ? [...unfold(fleet.left), ...unfold(fleet.right)] : [fleet];
}
