import type { AlgorithmShape, Allocate, Batch, ComposedBatch, OclAlgorithm } from "./contract.js";
import { ToyModel, type ToyShape } from "./toy-model.js";

const toy: ToyShape = { inputLength: 3, hidden: 4, classes: 5 };

/** What the toy stream and the toy model are, for an algorithm. */
export const toyAlgorithmShape: AlgorithmShape = {
  batch: 4,
  inputLength: toy.inputLength,
  classes: toy.classes,
  parameterCount: new ToyModel(toy, 0).parameters.length,
};

const learningRate = 0.05;

/** Item k of a stream in which each class has a place of its own in space. */
export function toyItem(k: number, batch = toyAlgorithmShape.batch): Batch {
  const labels = Int32Array.from({ length: batch }, (_, sample) => (k + sample) % toy.classes);
  const x = Float32Array.from({ length: batch * toy.inputLength }, (_, index) => {
    const label = labels[Math.floor(index / toy.inputLength)] as number;
    const noise = Math.sin(12.9898 * (k + 1) + 78.233 * index) / 4;
    return Math.cos(2 * label + 3 * (index % toy.inputLength)) + noise;
  });
  return { x, labels, size: batch };
}

/** Room for what an algorithm composes. */
export function emptyBatch({ learnBatch, targetLength = 0 }: OclAlgorithm): ComposedBatch {
  return {
    x: new Float32Array(learnBatch * toy.inputLength),
    labels: new Int32Array(learnBatch),
    targets: new Float32Array(learnBatch * targetLength),
    size: 0,
  };
}

/** The first buffers are new; a second algorithm made with `again` gets the same ones. */
export function sharedAllocators(): { first: Allocate; again: Allocate } {
  const given: ArrayBuffer[] = [];
  let next = 0;
  return {
    first(_, bytes) {
      const buffer = new ArrayBuffer(bytes);
      given.push(buffer);
      return buffer;
    },
    again: () => given[next++] as ArrayBuffer,
  };
}

/** A batch on its way, with the parameters of its forward pass. */
interface Flight {
  readonly batch: ComposedBatch;
  readonly parameters: Float32Array;
}

/** Learns the toy stream item by item, and notes all that can be seen of it. */
export class ToyRun {
  readonly model = new ToyModel(toy, 11);
  readonly losses: number[] = [];
  /** Batches composed, losses, and parameters after each update. */
  readonly trace: number[] = [];
  readonly #algorithm: OclAlgorithm;
  readonly #learner: OclAlgorithm;
  readonly #delay: number;
  readonly #batch: number;
  readonly #flights: Flight[] = [];

  /**
   * @param options.delay items that are composed between an item's `compose` and its `loss`.
   * @param options.learner where `loss` and `regularise` are called, if not on the algorithm itself.
   */
  constructor(
    algorithm: OclAlgorithm,
    options: { delay?: number; learner?: OclAlgorithm; batch?: number } = {},
  ) {
    this.#algorithm = algorithm;
    this.#learner = options.learner ?? algorithm;
    this.#delay = options.delay ?? 0;
    this.#batch = options.batch ?? toyAlgorithmShape.batch;
    algorithm.attach?.(this.model);
  }

  /** Takes items `from` to `to` (exclusive) in. */
  play(from: number, to: number): this {
    for (let k = from; k < to; k++) {
      const batch = emptyBatch(this.#algorithm);
      batch.size = this.#algorithm.compose(toyItem(k, this.#batch), batch);
      const used = (values: ArrayLike<number>, each: number) =>
        Array.from(values).slice(0, batch.size * each);
      this.trace.push(batch.size, ...used(batch.x, toy.inputLength), ...used(batch.labels, 1));
      this.#flights.push({ batch, parameters: this.model.parameters.slice() });
      if (this.#flights.length > this.#delay) this.#learn();
    }
    return this;
  }

  /** Forward and backward pass by the parameters of a flight, update of the newest ones. */
  #learn(): void {
    const { batch, parameters } = this.#flights.shift() as Flight;
    const newest = this.model.parameters;
    const gradient = new Float32Array(parameters.length);
    this.model.gradient(
      parameters,
      batch.x,
      batch.size,
      (logits) => this.losses.push(this.#learner.loss(logits, batch, logits)),
      gradient,
    );
    // As two stages of a pipeline would.
    const cut = this.model.secondLayer;
    for (const [begin, end] of [
      [0, cut],
      [cut, newest.length],
    ] as const)
      this.#learner.regularise?.(begin, gradient.subarray(begin, end), newest.subarray(begin, end));
    for (let index = 0; index < newest.length; index++)
      newest[index] = (newest[index] as number) - learningRate * (gradient[index] as number);
    this.trace.push(this.losses.at(-1) as number, ...newest);
  }
}
