import { type Activation, activationOf, type Layer } from "../../model/layer.js";
import { pendingFootprint } from "../../model/pending.js";
import { elementCount } from "../../model/shape.js";
import { extraBytes, layerFootprint, savedBytes } from "../../model/stage.js";
import type { ProgramMode } from "../contract.js";
import { activate, openAt, writeMask } from "./activation.js";
import { batchTensor, floatsAt } from "./buffers.js";
import type { Tensor, Tf } from "./operation.js";
import { bindOperation } from "./operations.js";
import {
  operationUnit,
  type Place,
  residualUnit,
  type Unit,
  type UnitBackward,
  type UnitWeights,
} from "./unit.js";

interface Link {
  readonly layer: Layer;
  readonly unit: Unit;
  readonly activation: Activation;
  readonly isLast: boolean;
  /** Where its output (the mask, if last) lies in `saved`, bytes. */
  readonly saved: number;
}

/**
 * Layers one after the other: a stage, or a path inside a residual block. What the backward pass
 * needs lies in `saved`, layer by layer:
 *
 * ```
 * every layer but the last: output                     | what its kind keeps
 * the last one:             one byte an element, where | what its kind keeps
 *                           its activation was open
 * ```
 *
 * A residual block keeps its two chains, main and shortcut.
 */
export class Chain {
  readonly #tf: Tf;
  readonly #links: readonly Link[];
  readonly #batch: number;

  constructor(tf: Tf, layers: readonly Layer[], batch: number, mode: ProgramMode, place: Place) {
    this.#tf = tf;
    this.#batch = batch;
    let { parameters, saved, pending } = place;
    this.#links = layers.map((layer, index) => {
      const isLast = index === layers.length - 1;
      const { inner, last } = layerFootprint(layer, batch);
      const size = isLast ? last : inner;
      const kept = saved + size - extraBytes(layer, batch);
      const unit = this.#bind(layer, mode, { parameters, saved: kept, pending });
      const link = { layer, unit, activation: activationOf(layer), isLast, saved };
      parameters += layer.parameterCount;
      saved += size;
      pending += pendingFootprint(layer, batch).gradients;
      return link;
    });
  }

  #bind(layer: Layer, mode: ProgramMode, place: Place): Unit {
    const { configuration } = layer;
    if (configuration.kind !== "residual") {
      const operation = bindOperation(this.#tf, layer, configuration, mode);
      return operationUnit(this.#tf, layer, operation, this.#batch, place);
    }
    const { main, shortcut } = configuration;
    const first = new Chain(this.#tf, main, this.#batch, mode, place);
    const second = new Chain(this.#tf, shortcut, this.#batch, mode, {
      parameters: place.parameters + main.reduce((sum, each) => sum + each.parameterCount, 0),
      saved: place.saved + savedBytes(main, this.#batch),
      pending: main.reduce(
        (sum, each) => sum + pendingFootprint(each, this.#batch).gradients,
        place.pending,
      ),
    });
    return residualUnit(this.#tf, first, second);
  }

  /** @returns the chain's output; null where it is not wanted and nothing has to be saved of it. */
  forward(
    parameters: Float32Array,
    input: Tensor,
    saved: Uint8Array | null,
    wantsOutput: boolean,
  ): Tensor | null {
    let tensor = input;
    for (const link of this.#links) {
      const { layer, unit, activation, isLast } = link;
      if (isLast && !wantsOutput && layerFootprint(layer, this.#batch).last === 0) return null;
      tensor = activate(this.#tf, activation, unit.forward(parameters, tensor, saved));
      if (saved === null || (isLast && activation === "linear")) continue;
      const values = tensor.dataSync() as Float32Array;
      if (isLast) writeMask(activation, values, saved.subarray(link.saved));
      else floatsAt(saved, link.saved, values.length).set(values);
    }
    return tensor;
  }

  /**
   * Writes the parameters' gradients into the stage's vector, or what they are made from later.
   * @returns the gradient at the input, or null unless wanted.
   */
  backward(inputs: UnitBackward): Tensor | null {
    const { saved } = inputs;
    let gradient: Tensor | null = inputs.outputGradient;
    for (let index = this.#links.length - 1; index >= 0; index--) {
      const link = this.#links[index] as Link;
      const before = this.#links[index - 1];
      gradient = link.unit.backward({
        ...inputs,
        input: before ? this.#savedOutput(before, saved) : inputs.input,
        outputGradient: this.#throughActivation(link, saved, gradient as Tensor),
        wantsInput: index > 0 || inputs.wantsInput,
      });
    }
    return gradient;
  }

  backwardWeights(inputs: UnitWeights): void {
    this.#links.forEach(({ unit }, index) => {
      const before = this.#links[index - 1];
      const input = before ? this.#savedOutput(before, inputs.saved) : inputs.input;
      unit.backwardWeights({ ...inputs, input });
    });
  }

  #throughActivation(link: Link, saved: Uint8Array, gradient: Tensor): Tensor {
    const { layer, activation, isLast } = link;
    if (activation === "linear") return gradient;
    if (!isLast)
      return this.#tf.mul(gradient, openAt(this.#tf, activation, this.#savedOutput(link, saved)));
    const count = this.#batch * elementCount(layer.outputShape);
    const mask = Float32Array.from(saved.subarray(link.saved, link.saved + count));
    return this.#tf.mul(gradient, batchTensor(this.#tf, mask, this.#batch, layer.outputShape));
  }

  #savedOutput({ layer, saved: offset }: Link, saved: Uint8Array): Tensor {
    const values = floatsAt(saved, offset, this.#batch * elementCount(layer.outputShape));
    return batchTensor(this.#tf, values, this.#batch, layer.outputShape);
  }
}
