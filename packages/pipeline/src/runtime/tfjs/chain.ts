import { type Activation, derivativeFrom } from "../../model/activation.js";
import { type Kept, keptOf, passesActivation } from "../../model/kept.js";
import { activationOf, type Layer } from "../../model/layer.js";
import { pendingFootprint } from "../../model/pending.js";
import { elementCount } from "../../model/shape.js";
import { extraBytes, layerFootprint, savedBytes } from "../../model/stage.js";
import type { ProgramMode } from "../contract.js";
import { activate, readMask, slopeAt, writeMask } from "./activation.js";
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
  /** What the chain applies behind the unit. */
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
 * all of the output, a bit an element where its activation was open, or nothing | what its kind keeps
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
      const rectified = before && passesActivation(before, layer) ? activationOf(before) : "linear";
      const unit = this.#bind(layer, mode, rectified, {
        parameters,
        saved: saved + size - extraBytes(layer, batch),
        pending,
      });
      const own = activationOf(layer);
      const link = {
        layer,
        unit,
        activation: derivativeFrom(own) === "input" ? ("linear" as const) : own,
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
      const operation = bindOperation(this.#tf, layer, configuration, { mode, rectified });
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
    draw: number,
  ): Tensor | null {
    let tensor = input;
    for (const link of wantsOutput ? this.#links : this.#links.slice(0, this.#recomputed)) {
      tensor = activate(
        this.#tf,
        link.activation,
        link.unit.forward(parameters, tensor, saved, draw),
      );
      if (saved) this.#keep(link, tensor, saved);
    }
    return wantsOutput ? tensor : null;
  }

  #keep({ activation, kept, saved: offset }: Link, output: Tensor, saved: Uint8Array): void {
    if (kept === "nothing" || kept === "again") return;
    const values = output.dataSync() as Float32Array;
    if (kept === "output") floatsAt(saved, offset, values.length).set(values);
    else writeMask(activation, values, saved.subarray(offset));
  }

  /**
   * Writes the parameters' gradients into the stage's vector, or what they are made from later.
   * @returns the gradient at the input, or null unless wanted.
   */
  backward(inputs: UnitBackward): Tensor | null {
    let gradient: Tensor | null = inputs.outputGradient;
    for (let index = this.#links.length - 1; index >= 0; index--) {
      const link = this.#links[index] as Link;
      gradient = link.unit.backward({
        ...inputs,
        input: this.#inputOf(index, inputs),
        outputGradient: this.#throughActivation(index, inputs, gradient as Tensor),
        wantsInput: index > 0 || inputs.wantsInput,
      });
    }
    return gradient;
  }

  backwardWeights(inputs: UnitWeights): void {
    this.#links.forEach(({ layer, unit }, index) => {
      if (layer.parameterCount === 0) return;
      unit.backwardWeights({ ...inputs, input: this.#inputOf(index, inputs) });
    });
  }

  #throughActivation(
    index: number,
    inputs: Pick<UnitBackward, "input" | "saved">,
    gradient: Tensor,
  ): Tensor {
    const { layer, activation, kept, saved: offset } = this.#links[index] as Link;
    if (activation === "linear" || kept === "nothing") return gradient;
    if (kept !== "mask") {
      const output = this.#outputOf(index, inputs) as Tensor;
      return this.#tf.mul(gradient, slopeAt(this.#tf, activation, output));
    }
    const mask = readMask(activation, inputs.saved.subarray(offset), gradient.size);
    return this.#tf.mul(gradient, batchTensor(this.#tf, mask, this.#batch, layer.outputShape));
  }

  /** What a link reads: the chain's input, or what is kept of the link before it. */
  #inputOf(index: number, { input, saved }: Pick<UnitBackward, "input" | "saved">): Tensor | null {
    return index === 0 ? input : this.#outputOf(index - 1, { input, saved });
  }

  /** Null where no backward pass reads it. */
  #outputOf(index: number, inputs: Pick<UnitBackward, "input" | "saved">): Tensor | null {
    const { layer, unit, activation, kept, saved: offset } = this.#links[index] as Link;
    if (kept === "again") {
      const input = this.#inputOf(index, inputs) as Tensor;
      return activate(this.#tf, activation, unit.makeAgain(input, inputs.saved) as Tensor);
    }
    if (kept !== "output") return null;
    const values = floatsAt(inputs.saved, offset, this.#batch * elementCount(layer.outputShape));
    return batchTensor(this.#tf, values, this.#batch, layer.outputShape);
  }
}
