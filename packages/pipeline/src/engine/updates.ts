import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import type { Ledger } from "../memory/ledger.js";
import type { Stage } from "../model/stage.js";
import type { WeightVersions } from "../weights/versions.js";

export interface StageUpdatesOptions {
  readonly stage: Stage;
  readonly versions: WeightVersions;
  readonly accumulator: Float32Array | null;
  /** By worker: gradients gathered before an update (T2, c^a). */
  readonly accumulate: readonly number[];
  readonly compensator: Compensator<unknown>;
  readonly ledger: Ledger;
  readonly kernels: VectorKernels;
  readonly learningRate: number;
  readonly regularise?: ((gradient: Float32Array, parameters: Float32Array) => void) | undefined;
}

/**
 * From a gradient to a new weight version of one stage.
 *
 * Workers share the model, so they share the accumulator too: an update takes everything that
 * the stage has gathered. One that finds every version slot read waits in the accumulator for the
 * stage's next backward pass, so memory stays bounded whatever the workers' pace.
 */
export class StageUpdates {
  readonly versions: WeightVersions;
  /** Gradients applied, by staleness. */
  readonly staleness: number[] = [];
  /** Updates that had to wait for a free version slot. */
  deferred = 0;
  readonly #options: StageUpdatesOptions;
  readonly #state: unknown;
  readonly #context: { staleness: number; learningRate: number };
  readonly #gathered: Int32Array;
  #due = false;
  #pending = false;

  constructor(options: StageUpdatesOptions) {
    const { stage, compensator, ledger } = options;
    this.#options = options;
    this.versions = options.versions;
    this.#state = compensator.init(stage.parameterCount, (length) =>
      ledger.floats("compensation", length),
    );
    this.#context = { staleness: 0, learningRate: options.learningRate };
    this.#gathered = new Int32Array(options.accumulate.length);
  }

  /**
   * Takes in a gradient that worker `worker` computed with the weights in version slot `slot`,
   * and frees that slot. Gives the gradient's staleness.
   */
  apply(gradient: Float32Array, slot: number, worker: number): number {
    const { versions } = this;
    const { compensator, kernels, accumulator, accumulate, regularise } = this.#options;
    const staleness = versions.version - versions.versionAt(slot);
    this.#context.staleness = staleness;
    compensator.update(gradient, versions.chain(slot), this.#state, this.#context);
    regularise?.(gradient, versions.newest);
    versions.release(slot);
    this.staleness[staleness] = (this.staleness[staleness] ?? 0) + 1;

    if (!accumulator) {
      if (!this.#publish(gradient))
        throw new Error("Expected a free version slot for an update but every one of them is read");
      return staleness;
    }
    kernels.add(accumulator, gradient);
    this.#pending = true;
    const gathered = (this.#gathered[worker] as number) + 1;
    this.#gathered[worker] = gathered % (accumulate[worker] as number);
    if (this.#gathered[worker] === 0) this.#due = true;
    if (this.#due && !this.#publishGathered(accumulator)) this.deferred++;
    return staleness;
  }

  /** Publishes what has been gathered so far; for the end of a stream. */
  flush(): void {
    const { accumulator } = this.#options;
    if (accumulator && this.#pending) this.#publishGathered(accumulator);
  }

  #publishGathered(accumulator: Float32Array): boolean {
    if (!this.#publish(accumulator)) return false;
    accumulator.fill(0);
    this.#due = false;
    this.#pending = false;
    return true;
  }

  #publish(gradient: Float32Array): boolean {
    const { kernels, learningRate } = this.#options;
    const slot = this.versions.reserve();
    if (slot < 0) return false;
    kernels.sgd(this.versions.at(slot), this.versions.newest, gradient, learningRate);
    this.versions.publish(slot);
    return true;
  }
}
