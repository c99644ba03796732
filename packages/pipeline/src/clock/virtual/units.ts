import { expected } from "../../errors.js";

/** D compute units, as `PlanRequest` has them. */
export interface UnitOptions {
  /** D: units that share the work; a fraction is a last unit that is slower by it. Default: as many as there are stages of all workers. */
  readonly computeUnits?: number | undefined;
  /** Speed of each unit instead; 1 is the speed that the profile was taken at. */
  readonly unitSpeeds?: readonly number[] | undefined;
}

/**
 * Compute units (cores, streams, devices) that share the work of all stages and workers on a
 * virtual clock: an action occupies one from its beginning to its end.
 */
export class Units {
  /** Falling. */
  readonly #speeds: readonly number[];
  readonly #isBusy: boolean[];
  #free: number;

  private constructor(speeds: readonly number[]) {
    this.#speeds = speeds.toSorted((a, b) => b - a);
    this.#isBusy = speeds.map(() => false);
    this.#free = speeds.length;
  }

  /**
   * Null where there is no limit.
   * @throws InputError where a number is not positive, or both are given and do not agree.
   */
  static of({ computeUnits, unitSpeeds }: UnitOptions): Units | null {
    if (unitSpeeds !== undefined) {
      for (const speed of unitSpeeds) checkPositive("unitSpeeds", speed);
      if (unitSpeeds.length === 0) throw expected("one speed or more", "unitSpeeds", unitSpeeds);
      if (computeUnits !== undefined && computeUnits !== unitSpeeds.length)
        throw expected(`${unitSpeeds.length}, one for each speed,`, "computeUnits", computeUnits);
      return new Units(unitSpeeds);
    }
    if (computeUnits === undefined) return null;
    checkPositive("computeUnits", computeUnits);
    if (computeUnits > mostUnits)
      throw expected(`at most ${mostUnits}`, "computeUnits", computeUnits);
    const whole = Math.floor(computeUnits + 1e-9);
    const speeds = new Array<number>(whole).fill(1);
    if (computeUnits - whole > 1e-9) speeds.push(computeUnits - whole);
    return new Units(speeds);
  }

  get isFree(): boolean {
    return this.#free > 0;
  }

  /** Takes the fastest free unit; gives its index. */
  take(): number {
    const unit = this.#isBusy.indexOf(false);
    this.#isBusy[unit] = true;
    this.#free--;
    return unit;
  }

  release(unit: number): void {
    this.#isBusy[unit] = false;
    this.#free++;
  }

  speed(unit: number): number {
    return this.#speeds[unit] as number;
  }
}

/** More do not help any plan. */
const mostUnits = 65_536;

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw expected("positive number", name, value);
}
