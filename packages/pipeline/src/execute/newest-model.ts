import { InputError } from "../errors.js";
import type { Halt } from "../memory/halt.js";
import type { Lock } from "../memory/lock.js";
import { isRegression, type Loss } from "../model/loss.js";
import type { StageProgram } from "../runtime/contract.js";
import type { WeightVersions } from "../weights/versions.js";
import type { Batch } from "./algorithm.js";
import type { WorkingSpace } from "./buffers.js";
import { areFinite } from "./check-item.js";
import type { FeatureTap } from "./feature-tap.js";
import type { OwnPrediction } from "./own-prediction.js";
import { meanSquaredErrorOf } from "./score-values.js";

/** Milliseconds; an update takes a few of them at most. */
const longestUpdate = 10_000;

export interface NewestModelOptions {
  /** By stage. */
  readonly versions: readonly WeightVersions[];
  /** Programs that predict an item, by stage. */
  readonly programs: readonly StageProgram[];
  readonly working: WorkingSpace;
  readonly lock: Lock;
  readonly halt: Halt;
  /** Samples of an item. */
  readonly batch: number;
  readonly inputLength: number;
  readonly classes: number;
  /** Default cross entropy. */
  readonly loss?: Loss | undefined;
  /** Null if predictions use the logits. */
  readonly own: OwnPrediction | null;
}

/**
 * The model at its newest weights, for readers only: stage by stage it holds the newest version, so
 * that no update writes over it in the meantime.
 */
export class NewestModel {
  readonly #options: NewestModelOptions;
  /** The class that all samples of the last item were predicted as; -1: they had several. */
  onlyClass = -1;
  /** Whether all logits of that item were finite. */
  isSound = true;
  /** The front of the buffer that the last stage writes, which serves larger tensors too. */
  readonly #logits: Float32Array;

  /** The logits of the last call, or the scores that took their place, [batch, classes]. */
  get lastLogits(): Float32Array {
    return this.#logits;
  }

  constructor(options: NewestModelOptions) {
    const { versions, working, batch, classes } = options;
    this.#options = options;
    const last = working.predictions[(versions.length - 1) % 2] as Float32Array;
    this.#logits = last.subarray(0, batch * classes);
  }

  /**
   * Number of samples that it classifies correctly; in regression, the mean squared error.
   * @param predicted where the class predicted for each sample is written; in regression, the values.
   */
  evaluate(item: Batch, predicted?: Int32Array | Float32Array): number {
    const logits = this.predict(item);
    const { classes } = this.#options;
    if (isRegression(this.#options)) {
      const length = item.size * classes;
      for (let index = 0; predicted && index < length; index++)
        predicted[index] = logits[index] as number;
      this.isSound = areFinite(logits, length);
      return meanSquaredErrorOf(logits, item.targets as Float32Array, length);
    }
    let correct = 0;
    let only = -2;
    for (let sample = 0; sample < item.size; sample++) {
      const row = sample * classes;
      let best = 0;
      for (let label = 1; label < classes; label++)
        if ((logits[row + label] as number) > (logits[row + best] as number)) best = label;
      if (best === item.labels[sample]) correct++;
      if (predicted) predicted[sample] = best;
      only = only === -2 || only === best ? best : -1;
    }
    this.onlyClass = only;
    return correct;
  }

  /** The logits, as `logits` gives them, or the scores of an algorithm that predicts by itself. */
  predict(item: Batch): Float32Array {
    const { classes, own } = this.#options;
    const logits = this.#forward(item, own?.tap ?? null);
    this.isSound = areFinite(logits, item.size * classes);
    if (own && this.isSound) own.score(logits, item.size);
    return logits;
  }

  /**
   * Logits [batch, classes], in a buffer that the next call overwrites. `x` must have room for a
   * whole batch; rows from `item.size` on come from whatever is there.
   */
  logits(item: Batch): Float32Array {
    return this.#forward(item, null);
  }

  #forward(item: Batch, tap: FeatureTap | null): Float32Array {
    const { versions, programs, working, batch, inputLength } = this.#options;
    if (item.size > batch || item.x.length < batch * inputLength)
      throw new InputError(
        `Expected an item of ${batch} samples but received ${item.size}; pad it with any ` +
          "samples and read the first rows",
      );
    let tensor = item.x;
    for (let stage = 0; stage < versions.length; stage++) {
      const own = versions[stage] as WeightVersions;
      const output = working.predictions[stage % 2] as Float32Array;
      const slot = this.#acquire(own);
      if (stage === tap?.stage) tap.forward(own.at(slot), tensor, output, working.scratch);
      else programs[stage]?.forward(own.at(slot), tensor, null, output, working.scratch);
      this.#release(own, slot);
      tensor = output;
    }
    return this.#logits;
  }

  /** Copies the parameters, layer by layer. */
  readParameters(target: Float32Array): void {
    let offset = 0;
    for (const own of this.#options.versions) {
      const slot = this.#acquire(own);
      const parameters = own.at(slot);
      target.set(parameters, offset);
      this.#release(own, slot);
      offset += parameters.length;
    }
  }

  /**
   * Waits out an update that writes the newest version in place.
   * @throws Error if it does not end: its thread has died, or the run was given up.
   */
  #acquire(versions: WeightVersions): number {
    const { lock, halt } = this.#options;
    let patience = 0;
    for (;;) {
      lock.acquire();
      const slot = versions.readable ? versions.acquire() : -1;
      lock.release();
      if (slot >= 0) return slot;
      halt.check();
      const now = performance.now();
      if (patience === 0) patience = now + longestUpdate;
      if (now > patience)
        throw new Error("Expected the update of a stage to end but it still writes its weights");
    }
  }

  #release(versions: WeightVersions, slot: number): void {
    const { lock } = this.#options;
    lock.acquire();
    versions.release(slot);
    lock.release();
  }
}
