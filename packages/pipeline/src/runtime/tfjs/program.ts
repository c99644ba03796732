import type { Layer } from "../../model/layer.js";
import type { Shape } from "../../model/shape.js";
import { savedBytes, scratchBytes } from "../../model/stage.js";
import type { ProgramMode, StageProgram } from "../contract.js";
import { batchTensor } from "./buffers.js";
import { Chain } from "./chain.js";
import type { Tf } from "./operation.js";

/**
 * A stage on tfjs. Tensors live inside one call only; what must outlast it lies in `saved`. tfjs
 * takes its own working memory, beside the scratch that the caller provides.
 */
export class TfjsProgram implements StageProgram {
  readonly batch: number;
  readonly parameterCount: number;
  readonly savedBytes: number;
  readonly scratchBytes: number;
  readonly #tf: Tf;
  readonly #chain: Chain;
  readonly #inputShape: Shape;
  readonly #outputShape: Shape;

  constructor(tf: Tf, layers: readonly Layer[], batch: number, mode: ProgramMode) {
    this.#tf = tf;
    this.batch = batch;
    this.savedBytes = savedBytes(layers, batch);
    this.scratchBytes = scratchBytes(
      layers,
      batch,
      layers.map(() => 0),
    );
    this.parameterCount = layers.reduce((sum, layer) => sum + layer.parameterCount, 0);
    this.#inputShape = (layers[0] as Layer).inputShape;
    this.#outputShape = (layers[layers.length - 1] as Layer).outputShape;
    this.#chain = new Chain(tf, layers, batch, mode, { parameters: 0, saved: 0 });
  }

  forward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array | null,
    output: Float32Array | null,
  ): void {
    this.#tf.tidy(() => {
      const tensor = batchTensor(this.#tf, input, this.batch, this.#inputShape);
      const result = this.#chain.forward(parameters, tensor, saved, output !== null);
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
  ): void {
    this.#tf.tidy(() => {
      const gradient = this.#chain.backward({
        parameters,
        input: batchTensor(this.#tf, input, this.batch, this.#inputShape),
        saved,
        outputGradient: batchTensor(this.#tf, outputGradient, this.batch, this.#outputShape),
        wantsInput: inputGradient !== null,
        parameterGradient,
      });
      if (inputGradient && gradient) inputGradient.set(gradient.dataSync() as Float32Array);
    });
  }

  dispose(): void {}
}
