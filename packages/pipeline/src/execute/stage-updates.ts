import type { Compensator, LateStep, VectorKernels } from "@ferret-ocl/compensation";
import { InputError } from "../errors.js";
import type { Cells } from "../memory/cells.js";
import type { Lock } from "../memory/lock.js";
import type { Memory } from "../memory/memory.js";
import type { Stage } from "../model/stage.js";
import type { Optimizer } from "../optimizer/contract.js";
import type { WeightVersions } from "../weights/versions.js";
import { Drain } from "./drain.js";
import { admitsGradient, largestMagnitude } from "./gradient-bounds.js";
import { KeptState } from "./kept-state.js";
import { MovingStatistics } from "./moving-statistics.js";
import { UpdateCounts } from "./update-counts.js";

export interface StageUpdatesOptions {
  readonly stage: Stage;
  readonly versions: WeightVersions;
  readonly accumulator: Float32Array | null;
  /** By worker: gradients gathered before an update (T2, c^a); Infinity: until `flush`. */
  readonly accumulate: readonly number[];
  readonly compensator: Compensator<unknown>;
  readonly optimizer: Optimizer<unknown>;
  readonly memory: Memory;
  readonly cells: Cells;
  /** Held around the versions' bookkeeping, not around the math. */
  readonly lock: Lock;
  readonly kernels: VectorKernels;
  readonly learningRate: number;
  /** Whether the run has no other executor. */
  readonly isAlone: boolean;
  readonly regularise?: ((gradient: Float32Array, parameters: Float32Array) => void) | undefined;
  /** Whose penalty that is, for messages. */
  readonly algorithm?: string;
  /** What time it is, for `appliedAt`; a clock that simulates time needs none. */
  readonly clock?: (() => number) | undefined;
}

const nothing: Float32Array = new Float32Array();

/**
 * From a gradient to a new weight version of one stage.
 *
 * Workers share the model, so they share the accumulator too: an update takes everything that
 * the stage has gathered. One that finds every version slot read waits in the accumulator for the
 * stage's next backward pass, so memory stays bounded whatever the workers' pace.
 *
 * A gradient that is not finite, or absurdly large, makes no update: it is refused before anything
 * has taken it in, so that it can spoil neither weights nor the state of a compensator.
 *
 * Updates of one stage come one after the other. Between threads an inner lock sees to that, and
 * the outer one guards the versions' counters:
 *
 * ```
 * inner  |-------------------------------------------------------|
 * outer  |chain|                  |release, reserve|       |publish|
 * math         | compensate       |                | write |
 * ```
 */
export class StageUpdates {
  readonly versions: WeightVersions;
  /** Whether the pipeline empties, and what gradients count for then. */
  readonly drain: Drain;
  /** Memory of the compensator and of the optimizer, to be saved. */
  readonly compensation: KeptState;
  readonly optimiser: KeptState;
  readonly #options: StageUpdatesOptions;
  /** What the compensator keeps; null where nothing can be late, so that it has nothing to repair. */
  readonly #state: unknown;
  /** What the optimizer keeps. */
  readonly #optimizerState: unknown;
  /** What the compensator is called with, the same object each time. */
  readonly #late: { -readonly [Name in keyof Required<LateStep>]: LateStep[Name] };
  readonly #inner: Lock;
  readonly #counts: UpdateCounts;
  /** Kept out while a gradient is compensated, or a step is made. */
  readonly #statistics: MovingStatistics;
  /** Whether gradients can be late here, and are repaired then. */
  readonly repairs: boolean;
  /** Whether a backward pass may make the step itself. */
  readonly #takesSteps: boolean;
  /** Whether a gradient can become a version in one pass. */
  readonly #isFusible: boolean;
  /** Whether the compensator promises finite gradients. */
  readonly #staysFinite: boolean;
  /** Staleness of the gradient whose backward pass makes the step itself. */
  #stepStaleness = 0;
  /** Whether this object's last `apply` published a version. */
  published = false;
  /** When its last gradient was taken in, and its version published if it was; by the clock if any. */
  appliedAt = -1;

  constructor(options: StageUpdatesOptions, inner: Lock) {
    const { stage, compensator, optimizer, memory, cells } = options;
    this.#options = options;
    this.#inner = inner;
    this.versions = options.versions;
    this.drain = new Drain(cells);
    // The one item that is in flight is learned before the next one reads the weights.
    const canBeLate = options.versions.slotCount > 1 || options.accumulator !== null;
    this.repairs = compensator.leavesGradients !== true && canBeLate;
    const doubles = (count: number) => cells.doubles(count);
    this.compensation = new KeptState((length) => memory.floats("compensation", length), doubles);
    this.optimiser = new KeptState((length) => memory.floats("optimiser", length), doubles);
    this.#state = this.repairs
      ? compensator.init({
          parameterCount: stage.parameterCount,
          matrices: stage.matrices,
          allocate: this.compensation.allocate,
          numbers: this.compensation.allocateNumbers,
        })
      : null;
    this.#optimizerState = optimizer.init(
      stage.parameterCount,
      this.optimiser.allocate,
      this.optimiser.allocateNumbers,
    );
    this.#late = {
      destination: nothing,
      gradient: nothing,
      versions: [],
      state: this.#state,
      staleness: 0,
      learningRate: options.learningRate,
      pending: 0,
      stepFactor: undefined,
    };
    this.#counts = new UpdateCounts(cells, options.accumulate);
    this.#statistics = new MovingStatistics(stage.statistics);
    // A step in one pass is one of plain descent, and would move frozen parameters too.
    const isPlain =
      optimizer.isPlain === true &&
      options.accumulator === null &&
      options.regularise === undefined &&
      stage.frozen.length === 0;
    this.#staysFinite = !this.repairs || compensator.staysFinite === true;
    this.#isFusible =
      isPlain &&
      this.repairs &&
      this.#staysFinite &&
      compensator.step !== undefined &&
      this.#statistics.isEmpty;
    this.#takesSteps = isPlain && !this.repairs;
  }

  /** Gradients applied, by staleness. */
  get staleness(): number[] {
    return this.#counts.staleness;
  }

  /** Gradients that the compensator did not trust and so passed on as they came. */
  get faults(): number {
    return this.repairs ? (this.#options.compensator.faults?.(this.#state) ?? 0) : 0;
  }

  get stage(): number {
    return this.#options.stage.index;
  }

  /** Gradients that were not finite, or absurdly large, and so made no update. */
  get refused(): number {
    return this.#counts.refused;
  }

  /** The item that the first of them came from; -1 where there is none. */
  get firstRefused(): number {
    return this.#counts.firstRefused;
  }

  /** Updates that had to wait for a free version slot. */
  get deferred(): number {
    return this.#counts.deferred;
  }

  /**
   * For a backward pass that makes the step itself: frees the version slot `slot`, which the pass
   * still reads, and gives the slot that it is to write from `versions.newest`; -1 where the
   * gradient must be taken in by `apply`, which frees the slot then. Until `publishStep` no other
   * update of the stage begins; others go on reading its newest version, so a run of several
   * executors never writes that in place.
   */
  reserveStep(slot: number): number {
    if (!this.#takesSteps || !this.#inner.tryAcquire()) return -1;
    const { versions } = this;
    const { lock, isAlone } = this.#options;
    lock.acquire();
    let free = -1;
    const late = versions.gradientsSince(slot);
    if (this.drain.shareOf(late) === 1) {
      versions.release(slot);
      free = versions.reserve(isAlone);
      if (free < 0) versions.retain(slot);
      else this.drain.count(late);
    }
    lock.release();
    if (free >= 0) {
      this.#stepStaleness = versions.version - versions.versionAt(slot);
      this.#counts.apply(this.#stepStaleness);
    } else this.#inner.release();
    return free;
  }

  /** Makes what the backward pass has written the newest version. */
  publishStep(slot: number): void {
    this.#finish(slot, -1);
    this.#inner.release();
  }

  /** Leaves the newest version as it is: the gradient of `item` was not to be admitted. */
  refuseStep(item: number): void {
    const { lock, clock } = this.#options;
    lock.acquire();
    this.versions.cancel();
    if (clock) this.appliedAt = clock();
    lock.release();
    this.published = false;
    this.#counts.apply(this.#stepStaleness, -1);
    this.#counts.refuse(item);
    this.#inner.release();
  }

  /**
   * Takes in a gradient that worker `worker` computed with the weights in version slot `slot`,
   * and frees that slot.
   * @param item which one it is of.
   * @param bound on the gradient's magnitudes.
   */
  apply(
    gradient: Float32Array,
    slot: number,
    worker: number,
    item = -1,
    bound = largestMagnitude(gradient),
  ): void {
    this.#inner.acquire();
    try {
      if (admitsGradient(bound, this.#options.learningRate))
        this.#apply(gradient, slot, worker, item);
      else this.#refuse(slot, worker, item);
    } finally {
      this.#inner.release();
    }
  }

  /**
   * Publishes what has been gathered so far: because a schedule says so, or at the end of a stream.
   */
  flush(): void {
    const { accumulator, lock } = this.#options;
    if (!accumulator) return;
    const counts = this.#counts;
    if (counts.pending > 0) {
      this.#publishNow(accumulator, counts.shareGathered);
      this.#empty(accumulator);
    } else if (counts.hasLapsed) {
      // A schedule goes by the number of updates: one of no gradients counts, too.
      lock.acquire();
      this.versions.repeat();
      lock.release();
      counts.lapse();
    }
  }

  #apply(gradient: Float32Array, slot: number, worker: number, item: number): void {
    const { versions } = this;
    const { kernels, accumulator, regularise, learningRate, lock, clock } = this.#options;
    const { optimizer } = this.#options;
    this.published = false;
    lock.acquire();
    const staleness = versions.version - versions.versionAt(slot);
    const chain = versions.chain(slot);
    this.#late.pending = this.#counts.pending;
    this.#late.staleness = versions.gradientsSince(slot) + this.#late.pending;
    const share = this.drain.shareOf(this.#late.staleness);
    this.drain.count(this.#late.staleness);
    lock.release();
    if (optimizer.stepFactor) this.#late.stepFactor = optimizer.stepFactor(this.#optimizerState);
    if (this.#isFusible && share === 1 && this.#step(gradient, chain, slot)) {
      this.#counts.apply(staleness);
      return;
    }

    this.#freeze(gradient);
    this.#compensate(gradient, chain);
    if (!this.#staysFinite && !admitsGradient(this.#norm(gradient), learningRate)) {
      this.#refuse(slot, worker, item);
      return;
    }
    if (regularise && !this.#regularise(gradient, item)) {
      this.#refuse(slot, worker, item);
      return;
    }
    this.#freeze(gradient);
    if (share !== 1 && (accumulator || optimizer.isPlain)) this.#scale(gradient, share);
    this.#counts.apply(staleness);
    lock.acquire();
    versions.release(slot);
    if (clock) this.appliedAt = clock();
    lock.release();

    if (!accumulator) {
      this.#publishNow(gradient, share);
      return;
    }
    kernels.add(accumulator, gradient);
    this.#counts.accumulate(share);
    this.#gather(accumulator, worker);
  }

  /**
   * Frozen parameters have no gradient: not before it is compensated, so that they have no part in
   * what the others get, and not after what has been added to it.
   */
  #freeze(gradient: Float32Array): void {
    for (const { offset, length } of this.#options.stage.frozen)
      gradient.fill(0, offset, offset + length);
  }

  /** Frees the gradient's version; where gradients are gathered, its place in the group is taken. */
  #refuse(slot: number, worker: number, item: number): void {
    const { accumulator, lock, clock } = this.#options;
    this.published = false;
    lock.acquire();
    this.versions.release(slot);
    if (clock) this.appliedAt = clock();
    lock.release();
    this.#counts.refuse(item);
    if (accumulator) this.#gather(accumulator, worker);
  }

  /** Counts a gradient into its worker's group, and publishes the group where it is full. */
  #gather(accumulator: Float32Array, worker: number): void {
    const counts = this.#counts;
    counts.gather(worker);
    if (!counts.isDue) return;
    if (counts.pending === 0) counts.skip();
    else if (!this.#publishGathered(accumulator)) counts.defer();
  }

  /**
   * Adds the algorithm's penalty. False where the sum is finite but too large for an update: the
   * learner has run away, and that is no fault of the penalty's.
   * @throws InputError where the penalty is not finite.
   */
  #regularise(gradient: Float32Array, item: number): boolean {
    const { regularise, algorithm = "the algorithm", learningRate, stage } = this.#options;
    regularise?.(gradient, this.versions.newest);
    if (admitsGradient(this.#norm(gradient), learningRate)) return true;
    const largest = largestMagnitude(gradient);
    if (Number.isFinite(largest)) return false;
    throw new InputError(
      `Expected finite gradients from regularise of ${algorithm} for item ${item}, stage ` +
        `${stage.index}, but received ${largest} among them; ` +
        "see what its penalty is made from",
    );
  }

  #norm(gradient: Float32Array): number {
    return Math.sqrt(this.#options.kernels.squaredNorm(gradient));
  }

  /**
   * Compensation, descent and publication in one pass over memory; false where there is no slot
   * to write to while the gradient's own version is still read.
   */
  #step(gradient: Float32Array, chain: readonly Float32Array[], slot: number): boolean {
    const { versions } = this;
    const { compensator, lock } = this.#options;
    lock.acquire();
    const destination = versions.reserve();
    lock.release();
    if (destination < 0) return false;
    const late = this.#late;
    late.destination = versions.at(destination);
    late.gradient = gradient;
    late.versions = chain;
    compensator.step?.(late);
    this.#finish(destination, slot);
    return true;
  }

  /**
   * Repairs the gradient. Moving statistics are no gradients: they stay out of the compensation,
   * and are scaled so that the update, a step of the learning rate, moves them by their own rate.
   */
  #compensate(gradient: Float32Array, chain: readonly Float32Array[]): void {
    const { compensator, learningRate } = this.#options;
    this.#statistics.takeOut(gradient);
    if (this.repairs) {
      const late = this.#late;
      late.gradient = gradient;
      late.versions = chain;
      compensator.update(late);
    }
    this.#statistics.putBackForStep(gradient, learningRate);
  }

  /** Multiplies a gradient, but for the moving statistics, by a factor. */
  #scale(gradient: Float32Array, factor: number): void {
    this.#statistics.copy(gradient);
    // g - (1 - factor) g: descent along the gradient itself.
    this.#options.kernels.sgd(gradient, gradient, gradient, 1 - factor);
    this.#statistics.putBack(gradient);
  }

  /**
   * Every item in flight has a version slot of its own, so one is free but for those that a
   * prediction, or a forward pass without a backward one, reads for a moment. Nobody else begins
   * to read meanwhile, so that they cannot take turns at it.
   */
  #publishNow(gradient: Float32Array, share: number): void {
    const patience = performance.now() + 10_000;
    while (!this.#publish(gradient, share, true))
      if (performance.now() > patience)
        throw new Error("Expected a free version slot for an update but every one of them is read");
  }

  #publishGathered(accumulator: Float32Array): boolean {
    if (!this.#publish(accumulator, this.#counts.shareGathered, false)) return false;
    this.#empty(accumulator);
    return true;
  }

  #empty(accumulator: Float32Array): void {
    accumulator.fill(0);
    this.#counts.empty();
  }

  /**
   * @param share what the gradient counts for.
   * @param insists whether it is to be tried until there is a free slot.
   */
  #publish(gradient: Float32Array, share: number, insists: boolean): boolean {
    const { versions } = this;
    const { lock } = this.#options;
    lock.acquire();
    const slot = versions.reserve();
    if (slot < 0 && insists) versions.close();
    lock.release();
    if (slot < 0) return false;
    this.#descend(versions.at(slot), gradient, share);
    this.#finish(slot, -1, Math.max(1, this.#counts.pending));
    return true;
  }

  /**
   * Writes the weights that an update along `gradient` makes of the newest ones. Moving statistics
   * are no weights: whatever the optimizer, they go as far as their own rate says, and leave
   * nothing in what it keeps.
   *
   * In plain descent a gradient that counts for a share of itself has been scaled. The steps of
   * others are much the same for a smaller gradient, and come of those before as well: for them the
   * gradient is whole, and the step a share of one.
   */
  #descend(destination: Float32Array, gradient: Float32Array, share: number): void {
    const { accumulator, kernels, optimizer, learningRate } = this.#options;
    const { newest } = this.versions;
    const statistics = optimizer.isPlain || this.#statistics.isEmpty ? null : this.#statistics;
    statistics?.takeOut(gradient);
    statistics?.step(newest, learningRate);
    const stepShare = optimizer.isPlain ? 1 : share;
    // Gathered gradients have been scaled each by its own share.
    if (stepShare !== 1 && accumulator)
      kernels.sgd(gradient, gradient, gradient, 1 - 1 / stepShare);
    optimizer.step(destination, newest, gradient, this.#optimizerState, stepShare * learningRate);
    statistics?.putBack(destination);
  }

  /**
   * Publishes a slot that has been written, and lets go of the version in another one (or -1).
   * @param gradients that were written.
   */
  #finish(slot: number, read: number, gradients = 1): void {
    const { lock, clock } = this.#options;
    lock.acquire();
    if (read >= 0) this.versions.release(read);
    this.versions.publish(slot, gradients);
    if (clock) this.appliedAt = clock();
    lock.release();
    this.published = true;
  }
}
