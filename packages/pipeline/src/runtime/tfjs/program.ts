import { largestMagnitude } from "../../execute/gradient-bounds.js";
import type { Layer } from "../../model/layer.js";
import { pendingBytes, pendingFootprint } from "../../model/pending.js";
import { elementCount, type Shape } from "../../model/shape.js";
import { savedBytes, scratchBytes } from "../../model/stage.js";
import type { ProgramMode, StageProgram } from "../contract.js";
import { batchTensor, floatsAt } from "./buffers.js";
import { Chain } from "./chain.js";
import type { Tf } from "./operation.js";
import type { UnitBackward } from "./unit.js";

/**
 * A stage on tfjs. Tensors live inside one call only; what must outlast it lies in `saved` and
 * `pending`. tfjs takes its own working memory, beside the scratch that the caller provides.
 */
export class TfjsProgram implements StageProgram {
  readonly batch: number;
  readonly parameterCount: number;
  readonly savedBytes: number;
  readonly pendingBytes: number;
  readonly scratchBytes: number;
  readonly #tf: Tf;
  readonly #backend: string;
  readonly #chain: Chain;
  readonly #inputShape: Shape;
  readonly #outputShape: Shape;
  /** Whether `pending` begins with the input. */
  readonly #keepsInput: boolean;

  /** @param backend what tfjs calls the one it runs on. */
  constructor(tf: Tf, backend: string, layers: readonly Layer[], batch: number, mode: ProgramMode) {
    this.#tf = tf;
    this.#backend = backend;
    this.batch = batch;
    const [first, last] = [layers[0] as Layer, layers[layers.length - 1] as Layer];
    this.savedBytes = savedBytes(layers, batch);
    this.pendingBytes = pendingBytes(layers, batch);
    this.scratchBytes = scratchBytes(
      layers,
      batch,
      layers.map(() => 0),
    );
    this.parameterCount = layers.reduce((sum, layer) => sum + layer.parameterCount, 0);
    this.#inputShape = first.inputShape;
    this.#outputShape = last.outputShape;
    const pending = pendingFootprint(first, batch).input;
    this.#keepsInput = pending > 0;
    this.#setBackend();
    this.#chain = new Chain(tf, layers, batch, mode, { parameters: 0, saved: 0, pending });
  }

  forward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array | null,
    output: Float32Array | null,
    _scratch: Uint8Array,
    draw = 0,
  ): void {
    this.#run(() => {
      const tensor = batchTensor(this.#tf, input, this.batch, this.#inputShape);
      const result = this.#chain.forward(parameters, tensor, saved, output !== null, draw);
      if (output && result) output.set(result.dataSync() as Float32Array);
    });
  }

  backward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    parameterGradient: Float32Array,
  ): number {
    const target = { gradient: parameterGradient };
    this.#backward(parameters, input, saved, outputGradient, inputGradient, target);
    return largestMagnitude(parameterGradient, this.parameterCount);
  }

  backwardInput(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    pending: Uint8Array,
  ): void {
    if (this.#keepsInput) this.#keptInput(pending).set(input.subarray(0, this.#inputLength));
    this.#backward(parameters, input, saved, outputGradient, inputGradient, { pending });
  }

  backwardWeights(saved: Uint8Array, pending: Uint8Array, gradient: Float32Array): number {
    this.#run(() => {
      const input = this.#keepsInput
        ? batchTensor(this.#tf, this.#keptInput(pending), this.batch, this.#inputShape)
        : null;
      this.#chain.backwardWeights({ input, saved, pending, gradient });
    });
    return largestMagnitude(gradient, this.parameterCount);
  }

  #backward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    target: UnitBackward["target"],
  ): void {
    this.#run(() => {
      const gradient = this.#chain.backward({
        parameters,
        input: batchTensor(this.#tf, input, this.batch, this.#inputShape),
        saved,
        outputGradient: batchTensor(this.#tf, outputGradient, this.batch, this.#outputShape),
        wantsInput: inputGradient !== null,
        target,
      });
      if (inputGradient && gradient) inputGradient.set(gradient.dataSync() as Float32Array);
    });
  }

  dispose(): void {}

  /** On its own backend, which another runtime may have changed, and without tensors left behind. */
  #run(work: () => void): void {
    this.#setBackend();
    this.#tf.tidy(work);
  }

  #setBackend(): void {
    // An initialised backend is set before the promise is returned.
    if (this.#tf.getBackend() !== this.#backend) void this.#tf.setBackend(this.#backend);
  }

  get #inputLength(): number {
    return this.batch * elementCount(this.#inputShape);
  }

  #keptInput(pending: Uint8Array): Float32Array {
    return floatsAt(pending, 0, this.#inputLength);
  }
}
