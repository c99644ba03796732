import type {
  AlgorithmShape,
  Allocate,
  Batch,
  ComposedBatch,
  ModelAccess,
  OclAlgorithm,
} from "./contract.js";
import { ToyModel, type ToyShape } from "./toy-model.js";

const toy: ToyShape = { inputLength: 3, hidden: 4, classes: 5 };

/** What the toy stream and the toy model are, for an algorithm. */
export const toyAlgorithmShape: AlgorithmShape = {
  batch: 4,
  inputLength: toy.inputLength,
  classes: toy.classes,
  parameterCount: new ToyModel(toy, 0).parameters.length,
  layers: [
    { name: "hidden", length: toy.hidden },
    { name: "logits", length: toy.classes },
  ],
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
export function emptyBatch(algorithm: OclAlgorithm): Required<ComposedBatch> {
  const { learnBatch, targetLength = 0, referenceBatch = 0 } = algorithm;
  const room = (samples: number) => ({
    x: new Float32Array(samples * toy.inputLength),
    labels: new Int32Array(samples),
    size: 0,
  });
  return {
    ...room(learnBatch),
    targets: new Float32Array(learnBatch * targetLength),
    reference: room(referenceBatch),
  };
}

/** A model that takes no more samples at once than an algorithm has announced. */
export function modelFor({ modelBatch = 0 }: OclAlgorithm, model: ModelAccess): ModelAccess {
  const checked = (size: number) => {
    if (!(size >= 1 && size <= modelBatch))
      throw new Error(
        `Expected 1 to ${modelBatch} samples (modelBatch) at once but received ${size}`,
      );
  };
  return {
    readParameters: (target) => model.readParameters(target),
    logits(parameters, x, size, target) {
      checked(size);
      model.logits(parameters, x, size, target);
    },
    gradient(parameters, x, size, atLogits, target) {
      checked(size);
      model.gradient(parameters, x, size, atLogits, target);
    },
    features(parameters, x, size, target) {
      checked(size);
      model.features(parameters, x, size, target);
    },
  };
}

/** What the toy model makes of an item with its newest parameters, for `predict`. */
export function toyOutputs(algorithm: OclAlgorithm, model: ToyModel, { x, size }: Batch) {
  const logits = new Float32Array(size * toy.classes);
  const features = new Float32Array(algorithm.features ? size * toy.hidden : 0);
  model.logits(model.parameters, x, size, logits);
  if (algorithm.features) model.features(model.parameters, x, size, features);
  return { logits, features, size };
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
  readonly batch: Required<ComposedBatch>;
  readonly parameters: Float32Array;
}

/** Learns the toy stream item by item, and notes all that can be seen of it. */
export class ToyRun {
  readonly model = new ToyModel(toy, 11);
  readonly losses: number[] = [];
  /** Own predictions of items, batches composed, losses, and parameters after each update. */
  readonly trace: number[] = [];
  readonly #algorithm: OclAlgorithm;
  readonly #learner: OclAlgorithm;
  readonly #delay: number;
  readonly #batch: number;
  readonly #predicts: boolean;
  readonly #access: ModelAccess;
  readonly #flights: Flight[] = [];

  /**
   * @param options.delay items that are composed between an item's `compose` and its `loss`.
   * @param options.learner where all but `attach` and `compose` are called, if not on the algorithm.
   * @param options.predicts whether items are predicted before they are learned; default true.
   */
  constructor(
    algorithm: OclAlgorithm,
    options: { delay?: number; learner?: OclAlgorithm; batch?: number; predicts?: boolean } = {},
  ) {
    this.#algorithm = algorithm;
    this.#learner = options.learner ?? algorithm;
    this.#delay = options.delay ?? 0;
    this.#batch = options.batch ?? toyAlgorithmShape.batch;
    this.#predicts = options.predicts ?? true;
    this.#access = modelFor(algorithm, this.model);
    algorithm.attach?.(this.#access);
  }

  /** Takes items `from` to `to` (exclusive) in. */
  play(from: number, to: number): this {
    for (let k = from; k < to; k++) {
      const item = toyItem(k, this.#batch);
      if (this.#predicts) this.#predict(item);
      const batch = emptyBatch(this.#algorithm);
      batch.size = this.#algorithm.compose(item, batch);
      for (const { x, labels, size } of [batch, batch.reference])
        this.trace.push(
          size,
          ...x.subarray(0, size * toy.inputLength),
          ...labels.subarray(0, size),
        );
      this.#flights.push({ batch, parameters: this.model.parameters.slice() });
      if (this.#flights.length > this.#delay) this.#learn();
    }
    return this;
  }

  #predict(item: Batch): void {
    if (!this.#learner.predict) return;
    const outputs = toyOutputs(this.#learner, this.model, item);
    this.#learner.predict(outputs, outputs.logits);
    // A class that is ruled out has the lowest score that is a number.
    for (const score of outputs.logits) this.trace.push(Math.max(score, -Number.MAX_VALUE));
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
    const { reference } = batch;
    this.#learner.regulariseWhole?.(gradient, newest, { reference, model: this.#access });
    for (let index = 0; index < newest.length; index++)
      newest[index] = (newest[index] as number) - learningRate * (gradient[index] as number);
    this.trace.push(this.losses.at(-1) as number, ...newest);
  }
}
