import type * as TensorFlow from "@tensorflow/tfjs";
import type { Activation } from "../../model/activation.js";
import type { Configuration, Layer } from "../../model/layer.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { paddedWindow } from "./padding.js";
import { forEachWindow } from "./windows.js";

/**
 * Largest value of each window. Kept, an index a window: where in the window, row by row, the first
 * of its largest values lies; or that no gradient passes there, since the activation of the layer
 * before, whose output is not kept, is flat at that value.
 *
 * Indices and gradient in plain TypeScript: on wasm `MaxPoolGrad` of tfjs 4.22 may give the
 * gradient to another value than the largest.
 */
export function maxPooling(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"maxPooling2d">,
  { rectified }: { readonly rectified: Activation },
): Operation {
  const { poolSize, strides, padding } = configuration;
  const channels = layer.inputShape[2] as number;
  const end = rectified === "relu6" ? 6 : Number.POSITIVE_INFINITY;
  const passes = (value: number) => rectified === "linear" || (value > 0 && value < end);
  // One byte an index, four where it has more than 255 values; the last value is for no gradient.
  const wide = poolSize[0] * poolSize[1] > 255;
  const none = wide ? 2 ** 32 - 1 : 255;
  const indicesIn = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    wide
      ? new Uint32Array(buffer, byteOffset, byteLength / 4)
      : new Uint8Array(buffer, byteOffset, byteLength);

  const largest = (image: TensorFlow.Tensor4D) => {
    const [size, steps] = [[...poolSize], [...strides]] as [number, number][];
    if (typeof padding === "string") return tf.maxPool(image, size, steps, padding);
    const window = { kernelSize: poolSize, strides, dilations: [1, 1] as const, padding };
    const { pad } = paddedWindow(tf, layer.inputShape, window, Number.NEGATIVE_INFINITY);
    return tf.maxPool(pad(image) as TensorFlow.Tensor4D, size, steps, "valid");
  };

  function keepWinners(input: Tensor, winners: Uint8Array | Uint32Array): void {
    const values = input.dataSync() as Float32Array;
    forEachWindow(layer, configuration, input.shape[0] as number, (window) => {
      const { output, length, places, indices } = window;
      for (let channel = 0; channel < channels; channel++) {
        let winner = 0;
        let most = values[(places[0] as number) + channel] as number;
        for (let at = 1; at < length; at++) {
          const value = values[(places[at] as number) + channel] as number;
          if (value > most) [winner, most] = [at, value];
        }
        winners[output + channel] = passes(most) ? (indices[winner] as number) : none;
      }
    });
  }

  function inputGradient(outputGradient: Tensor, winners: Uint8Array | Uint32Array): Tensor {
    const batch = outputGradient.shape[0] as number;
    const gradients = outputGradient.dataSync() as Float32Array;
    const shape = [batch, ...layer.inputShape];
    const result = new Float32Array(tf.util.sizeFromShape(shape));
    forEachWindow(layer, configuration, batch, ({ output, length, places, indices }) => {
      for (let channel = 0; channel < channels; channel++)
        for (let at = 0; at < length; at++) {
          if (indices[at] !== winners[output + channel]) continue;
          const place = (places[at] as number) + channel;
          result[place] = (result[place] as number) + (gradients[output + channel] as number);
        }
    });
    return tf.tensor(result, shape);
  }

  return {
    forward(input, _, kept) {
      if (kept) keepWinners(input, indicesIn(kept));
      return largest(input as TensorFlow.Tensor4D);
    },
    backward: ({ outputGradient, kept, wantsInput }) => ({
      input: wantsInput ? inputGradient(outputGradient, indicesIn(kept)) : null,
      parameters: [],
    }),
  };
}
