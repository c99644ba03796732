import { type Kept, keptOf, passesActivation } from "../../model/kept.js";
import { type Activation, activationOf, type Layer } from "../../model/layer.js";
import { pendingFootprint } from "../../model/pending.js";
import { elementCount } from "../../model/shape.js";
import { extraBytes, layerFootprint, savedBytes } from "../../model/stage.js";
import type { ProgramMode } from "../contract.js";
import { activate, openAt, readMask, writeMask } from "./activation.js";
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
  /** What is kept of its output. */
  readonly kept: Kept;
  /** Where that lies in `saved`, bytes. */
  readonly saved: number;
}

/**
 * Layers one after the other: a stage, or a path inside a residual block. What the backward pass
 * needs lies in `saved`, layer by layer:
 *
 * ```
 * the output, or one bit an element, where its activation was open, or nothing | what its kind keeps
 * ```
 *
 * A residual block keeps its two chains, main and shortcut.
 */
export class Chain {
  readonly #tf: Tf;
  readonly #links: readonly Link[];
  readonly #batch: number;
  /** Links that a recomputation runs: to the last one that keeps anything. */
  readonly #recomputed: number;

  constructor(tf: Tf, layers: readonly Layer[], batch: number, mode: ProgramMode, place: Place) {
    this.#tf = tf;
    this.#batch = batch;
    let { parameters, saved, pending } = place;
    let recomputed = 0;
    this.#links = layers.map((layer, index) => {
      const [before, next] = [layers[index - 1], layers[index + 1]];
      const size = layerFootprint(layer, batch, next).inner;
      const rectified = before && passesActivation(layer) ? activationOf(before) : "linear";
      const unit = this.#bind(layer, mode, rectified, {
        parameters,
        saved: saved + size - extraBytes(layer, batch),
        pending,
      });
      const link = {
        layer,
        unit,
        activation: activationOf(layer),
        kept: keptOf(layer, next),
        saved,
      };
      if (size > 0) recomputed = index + 1;
      parameters += layer.parameterCount;
      saved += size;
      pending += pendingFootprint(layer, batch).gradients;
      return link;
    });
    this.#recomputed = recomputed;
  }

  #bind(layer: Layer, mode: ProgramMode, rectified: Activation, place: Place): Unit {
    const { configuration } = layer;
    if (configuration.kind !== "residual") {
      const operation = bindOperation(this.#tf, layer, configuration, mode, rectified);
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

  /** @returns the chain's output; null where it is not wanted. */
  forward(
    parameters: Float32Array,
    input: Tensor,
    saved: Uint8Array | null,
    wantsOutput: boolean,
  ): Tensor | null {
    let tensor = input;
    for (const link of wantsOutput ? this.#links : this.#links.slice(0, this.#recomputed)) {
      tensor = activate(this.#tf, link.activation, link.unit.forward(parameters, tensor, saved));
      if (saved === null || link.kept === "nothing") continue;
      const values = tensor.dataSync() as Float32Array;
      if (link.kept === "output") floatsAt(saved, link.saved, values.length).set(values);
      else writeMask(link.activation, values, saved.subarray(link.saved));
    }
    return wantsOutput ? tensor : null;
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
        input: before ? this.#outputOf(before, saved) : inputs.input,
        outputGradient: this.#throughActivation(link, saved, gradient as Tensor),
        wantsInput: index > 0 || inputs.wantsInput,
      });
    }
    return gradient;
  }

  backwardWeights(inputs: UnitWeights): void {
    this.#links.forEach(({ unit }, index) => {
      const before = this.#links[index - 1];
      const input = before ? this.#outputOf(before, inputs.saved) : inputs.input;
      unit.backwardWeights({ ...inputs, input });
    });
  }

  #throughActivation(link: Link, saved: Uint8Array, gradient: Tensor): Tensor {
    const { layer, activation, kept } = link;
    if (activation === "linear" || kept === "nothing") return gradient;
    if (kept === "output")
      return this.#tf.mul(
        gradient,
        openAt(this.#tf, activation, this.#outputOf(link, saved) as Tensor),
      );
    const mask = readMask(saved.subarray(link.saved), gradient.size);
    return this.#tf.mul(gradient, batchTensor(this.#tf, mask, this.#batch, layer.outputShape));
  }

  /** Null where no backward pass reads it. */
  #outputOf({ layer, kept, saved: offset }: Link, saved: Uint8Array): Tensor | null {
    if (kept !== "output") return null;
    const values = floatsAt(saved, offset, this.#batch * elementCount(layer.outputShape));
    return batchTensor(this.#tf, values, this.#batch, layer.outputShape);
  }
}
