import type { Layer } from "../../model/layer.js";
import { elementCount } from "../../model/shape.js";
import { layerFootprint, savedBytes, scratchBytes } from "../../model/stage.js";
import type { StageProgram } from "../contract.js";
import { bindOperation, type Operation, type Tensor, type Tf } from "./operations.js";

interface BoundLayer {
  readonly layer: Layer;
  readonly operation: Operation;
  readonly rectified: boolean;
  /** Where its parameters begin in the stage's vector, floats. */
  readonly offset: number;
  /** Where its part of `saved` begins, bytes. */
  readonly saved: number;
}

/**
 * A stage on tfjs. Tensors live inside one call only; what must outlast it lies in `saved`:
 *
 * ```
 * output of layer 0 | output of layer 1 | ... | last layer: one byte an element, where a rectifier was open
 * ```
 *
 * tfjs takes its own working memory, beside the scratch that the caller provides.
 */
export class TfjsProgram implements StageProgram {
  readonly batch: number;
  readonly parameterCount: number;
  readonly savedBytes: number;
  readonly scratchBytes: number;
  readonly #tf: Tf;
  readonly #layers: readonly BoundLayer[];

  constructor(tf: Tf, layers: readonly Layer[], batch: number) {
    this.#tf = tf;
    this.batch = batch;
    this.savedBytes = savedBytes(layers, batch);
    this.scratchBytes = scratchBytes(
      layers,
      batch,
      layers.map(() => 0),
    );
    let offset = 0;
    let saved = 0;
    this.#layers = layers.map((layer) => {
      const { configuration } = layer;
      const bound = {
        layer,
        operation: bindOperation(tf, layer),
        rectified: "activation" in configuration && configuration.activation === "relu",
        offset,
        saved,
      };
      offset += layer.parameterCount;
      saved += layerFootprint(layer, batch).inner;
      return bound;
    });
    this.parameterCount = offset;
  }

  forward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array | null,
    output: Float32Array | null,
  ): void {
    this.#tf.tidy(() => {
      let tensor = this.#batchTensor(input, (this.#layers[0] as BoundLayer).layer.inputShape);
      this.#layers.forEach((bound, index) => {
        const last = index === this.#layers.length - 1;
        if (last && output === null && !bound.rectified) return;
        const linear = bound.operation.forward(tensor, this.#parameters(bound, parameters));
        tensor = bound.rectified ? this.#tf.relu(linear) : linear;
        const values = last || saved !== null ? (tensor.dataSync() as Float32Array) : null;
        if (saved !== null && values !== null) {
          if (!last) floatsAt(saved, bound.saved, values.length).set(values);
          else if (bound.rectified)
            for (let i = 0; i < values.length; i++)
              saved[bound.saved + i] = (values[i] as number) > 0 ? 1 : 0;
        }
        if (last && values !== null) output?.set(values);
      });
    });
  }

  backward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    parameterGradient: Float32Array,
  ): void {
    const lastIndex = this.#layers.length - 1;
    this.#tf.tidy(() => {
      const shapeOut = (this.#layers[lastIndex] as BoundLayer).layer.outputShape;
      let gradient = this.#batchTensor(outputGradient, shapeOut);
      for (let index = lastIndex; index >= 0; index--) {
        const bound = this.#layers[index] as BoundLayer;
        if (bound.rectified)
          gradient = this.#tf.mul(gradient, this.#open(bound, saved, index === lastIndex));
        const before = this.#layers[index - 1];
        const layerInput = before
          ? this.#savedOutput(before, saved)
          : this.#batchTensor(input, bound.layer.inputShape);
        const gradients = bound.operation.backward(
          layerInput,
          this.#parameters(bound, parameters),
          gradient,
          index > 0 || inputGradient !== null,
        );
        let offset = bound.offset;
        for (const tensor of gradients.parameters) {
          parameterGradient.set(tensor.dataSync() as Float32Array, offset);
          offset += tensor.size;
        }
        if (gradients.input !== null) gradient = gradients.input;
      }
      inputGradient?.set(gradient.dataSync() as Float32Array);
    });
  }

  dispose(): void {}

  /** One where the rectifier let the value through, else zero. */
  #open(bound: BoundLayer, saved: Uint8Array, last: boolean): Tensor {
    const { layer } = bound;
    if (!last) return this.#tf.step(this.#savedOutput(bound, saved));
    const count = this.batch * elementCount(layer.outputShape);
    const mask = Float32Array.from(saved.subarray(bound.saved, bound.saved + count));
    return this.#batchTensor(mask, layer.outputShape);
  }

  #savedOutput({ layer, saved: offset }: BoundLayer, saved: Uint8Array): Tensor {
    const values = floatsAt(saved, offset, this.batch * elementCount(layer.outputShape));
    return this.#batchTensor(values, layer.outputShape);
  }

  #batchTensor(values: Float32Array, shape: readonly number[]): Tensor {
    const count = this.batch * elementCount(shape);
    return this.#tf.tensor(values.subarray(0, count), [this.batch, ...shape], "float32");
  }

  #parameters({ layer, offset }: BoundLayer, parameters: Float32Array): Tensor[] {
    let start = offset;
    return layer.parameters.map(({ shape }) => {
      const values = parameters.subarray(start, start + elementCount(shape));
      start += values.length;
      return this.#tf.tensor(values, [...shape], "float32");
    });
  }
}

/** Floats inside a byte buffer; the offsets of a stage's layers are multiples of 64. */
function floatsAt(bytes: Uint8Array, offset: number, length: number): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset + offset, length);
}
