import type { ModelAccess } from "./contract.js";
import { Random } from "./random.js";

export interface ToyShape {
  readonly inputLength: number;
  readonly hidden: number;
  readonly classes: number;
}

/**
 * The smallest real model: dense, ReLU, dense, with exact gradients in plain TypeScript.
 * Parameters, one after the other: kernel [inputLength, hidden], bias [hidden], kernel
 * [hidden, classes], bias [classes].
 */
export class ToyModel implements ModelAccess {
  readonly parameters: Float32Array;
  /** Where the second layer's parameters begin. */
  readonly secondLayer: number;
  readonly #shape: ToyShape;

  constructor(shape: ToyShape, seed: number) {
    const random = new Random(seed);
    const { inputLength, hidden, classes } = shape;
    this.#shape = shape;
    this.secondLayer = (inputLength + 1) * hidden;
    this.parameters = Float32Array.from(
      { length: this.secondLayer + (hidden + 1) * classes },
      () => random.below(2001) / 1000 - 1,
    );
  }

  readParameters(target: Float32Array): void {
    target.set(this.parameters);
  }

  logits(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void {
    for (let sample = 0; sample < size; sample++) this.#forward(parameters, x, sample, target);
  }

  /** Outputs of the hidden layer, the only one before the last. */
  features(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void {
    const { hidden, classes } = this.#shape;
    const logits = new Float32Array(size * classes);
    for (let sample = 0; sample < size; sample++)
      target.set(this.#forward(parameters, x, sample, logits), sample * hidden);
  }

  gradient(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
  ): void {
    const { inputLength, hidden, classes } = this.#shape;
    const slopes = new Float32Array(size * classes);
    const activations = Array.from({ length: size }, (_, sample) =>
      this.#forward(parameters, x, sample, slopes),
    );
    atLogits(slopes);
    target.fill(0);
    const add = (place: number, value: number) => {
      target[place] = (target[place] as number) + value;
    };
    activations.forEach((activation, sample) => {
      for (let unit = 0; unit < hidden; unit++) {
        const active = activation[unit] as number;
        let slope = 0;
        for (let label = 0; label < classes; label++) {
          const out = slopes[sample * classes + label] as number;
          const weight = this.secondLayer + unit * classes + label;
          slope += out * (parameters[weight] as number);
          add(weight, out * active);
        }
        if (active <= 0) continue;
        add(inputLength * hidden + unit, slope);
        for (let input = 0; input < inputLength; input++)
          add(input * hidden + unit, slope * (x[sample * inputLength + input] as number));
      }
      for (let label = 0; label < classes; label++)
        add(
          this.secondLayer + hidden * classes + label,
          slopes[sample * classes + label] as number,
        );
    });
  }

  /** Writes one sample's logits; returns its hidden activations. */
  #forward(
    parameters: Float32Array,
    x: Float32Array,
    sample: number,
    target: Float32Array,
  ): Float32Array {
    const { inputLength, hidden, classes } = this.#shape;
    const activation = parameters.slice(inputLength * hidden, this.secondLayer);
    activation.forEach((bias, unit) => {
      let sum = bias;
      for (let input = 0; input < inputLength; input++)
        sum +=
          (x[sample * inputLength + input] as number) *
          (parameters[input * hidden + unit] as number);
      activation[unit] = Math.max(0, sum);
    });
    for (let label = 0; label < classes; label++) {
      let sum = parameters[this.secondLayer + hidden * classes + label] as number;
      for (let unit = 0; unit < hidden; unit++)
        sum +=
          (activation[unit] as number) *
          (parameters[this.secondLayer + unit * classes + label] as number);
      target[sample * classes + label] = sum;
    }
    return activation;
  }
}
