import type { Allotment } from "../allotment.js";
import type { AlgorithmShape, Batch, BufferKind, Pixels } from "../contract.js";
import { checkCount, checkName, InputError } from "../errors.js";
import type { Random } from "../random.js";
import type { StateParts } from "../state.js";
import { BalancedSlots } from "./balanced.js";
import { ReservoirSlots } from "./reservoir.js";
import { RingSlots } from "./ring.js";
import type { Slots } from "./slots.js";
import { floatInputs, pixelInputs, type StoredInputs } from "./stored-inputs.js";

/** What a replay buffer holds, and how it chooses. */
export interface ReplayBufferOptions {
  /** Samples that it holds at most. */
  readonly capacity: number;
  readonly inputLength: number;
  readonly classes: number;
  /** Of regression there are targets in place of labels, `targetLength` of them. */
  readonly loss?: AlgorithmShape["loss"];
  /** Which samples stay; default `reservoir`. */
  readonly buffer?: BufferKind | undefined;
  /** Inputs that were bytes are stored as bytes; default false. */
  readonly pixels?: Pixels | undefined;
  /** Values stored with each sample, such as logits; default 0. */
  readonly targetLength?: number;
}

const bufferKinds: readonly BufferKind[] = ["reservoir", "balanced", "ring"];

/** Samples of the past in constant memory, all of it from an allotment's `replay`. */
export class ReplayBuffer {
  readonly #inputs: StoredInputs;
  readonly #hasLabels: boolean;
  readonly #labels: Int32Array;
  readonly #targets: Float32Array | null;
  readonly #targetLength: number;
  readonly #slots: Slots;
  readonly #random: Random;

  constructor(options: ReplayBufferOptions, random: Random, memory: Allotment) {
    const { capacity, inputLength, buffer = "reservoir", pixels = false } = options;
    checkCount("capacity", capacity);
    checkName("buffer", buffer, bufferKinds);
    if (options.loss === "meanSquaredError" && buffer === "balanced")
      throw new InputError(
        'Expected reservoir or ring for buffer with loss "meanSquaredError" but received ' +
          '"balanced"; it balances classes, of which targets have none',
      );
    this.#random = random;
    this.#targetLength = options.targetLength ?? 0;
    this.#inputs = pixels
      ? pixelInputs(capacity, inputLength, pixels, memory)
      : floatInputs(capacity, inputLength, memory);
    this.#hasLabels = options.loss === undefined;
    this.#labels = this.#hasLabels ? memory.integers("replay", capacity) : new Int32Array(0);
    this.#targets =
      this.#targetLength > 0 ? memory.floats("replay", capacity * this.#targetLength) : null;
    if (buffer === "ring") this.#slots = new RingSlots(capacity);
    else if (buffer === "reservoir") this.#slots = new ReservoirSlots(capacity, random);
    else this.#slots = new BalancedSlots(options, this.#labels, random, memory);
  }

  /** Samples held. */
  get size(): number {
    return this.#slots.size;
  }

  /** Shows every sample of a batch to the buffer, with its targets if the buffer stores them. */
  add(batch: Batch): void {
    for (let sample = 0; sample < batch.size; sample++) {
      const label = this.#hasLabels ? (batch.labels[sample] as number) : 0;
      const slot = this.#slots.place(label);
      if (slot < 0) continue;
      this.#inputs.write(slot, batch.x, sample);
      if (this.#hasLabels) this.#labels[slot] = label;
      this.#copyTargets(batch.targets, sample, this.#targets, slot);
    }
  }

  /**
   * Writes up to `count` different samples, each equally likely, after the first `offset` samples
   * of `target`. Returns how many it wrote: fewer only if it holds fewer.
   */
  draw(count: number, target: Batch, offset: number): number {
    const drawn = Math.min(count, this.size);
    // Selection sampling (Knuth, TAOCP 3.4.2, algorithm S) needs no list of what was drawn.
    let needed = drawn;
    for (let slot = 0; needed > 0; slot++) {
      if (this.#random.below(this.size - slot) >= needed) continue;
      const place = offset + drawn - needed;
      this.#inputs.read(slot, target.x, place);
      if (this.#hasLabels) target.labels[place] = this.#labels[slot] as number;
      this.#copyTargets(this.#targets, slot, target.targets, place);
      needed--;
    }
    return drawn;
  }

  /** All that it holds, to be saved with an algorithm's state (`AlgorithmState`). */
  parts(): StateParts {
    return {
      inputs: this.#inputs.values,
      ...(this.#hasLabels ? { labels: this.#labels } : {}),
      ...(this.#targets ? { targets: this.#targets } : {}),
      ...this.#slots.parts(),
    };
  }

  #copyTargets(
    from: Float32Array | null | undefined,
    fromSample: number,
    to: Float32Array | null | undefined,
    toSample: number,
  ): void {
    if (!from || !to) return;
    const length = this.#targetLength;
    for (let index = 0; index < length; index++)
      to[toSample * length + index] = from[fromSample * length + index] as number;
  }
}
