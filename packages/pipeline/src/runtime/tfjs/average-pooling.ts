import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { forEachWindow } from "./windows.js";

/**
 * Mean value of each window.
 *
 * The gradient in plain TypeScript: on wasm `AvgPoolGrad` of tfjs 4.22 counts padding that the
 * forward pass leaves out.
 */
export function averagePooling(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"averagePooling2d">,
): Operation {
  const [size, steps] = [[...configuration.poolSize], [...configuration.strides]] as [
    [number, number],
    [number, number],
  ];
  const channels = layer.inputShape[2] as number;

  function inputGradient(outputGradient: Tensor): Tensor {
    const batch = outputGradient.shape[0] as number;
    const gradients = outputGradient.dataSync() as Float32Array;
    const shape = [batch, ...layer.inputShape];
    const result = new Float32Array(tf.util.sizeFromShape(shape));
    forEachWindow(layer, configuration, batch, ({ output, length, places }) => {
      for (let channel = 0; channel < channels; channel++) {
        const share = (gradients[output + channel] as number) * (1 / length);
        for (let at = 0; at < length; at++) {
          const place = (places[at] as number) + channel;
          result[place] = (result[place] as number) + share;
        }
      }
    });
    return tf.tensor(result, shape);
  }

  return {
    forward: (input) =>
      tf.avgPool(input as TensorFlow.Tensor4D, size, steps, configuration.padding),
    backward: ({ outputGradient, wantsInput }) => ({
      input: wantsInput ? inputGradient(outputGradient) : null,
      parameters: [],
    }),
  };
}

/** Mean of each channel over the whole image. */
export function globalAveragePooling(tf: Tf, { inputShape }: Layer): Operation {
  const [height, width, channels] = inputShape as [number, number, number];
  return {
    forward: (input) => tf.mean(input, [1, 2]),
    backward({ outputGradient, wantsInput }) {
      if (!wantsInput) return { input: null, parameters: [] };
      const batch = outputGradient.shape[0] as number;
      const share: Tensor = tf.div(outputGradient, height * width);
      return {
        input: tf.tile(share.reshape([batch, 1, 1, channels]), [1, height, width, 1]),
        parameters: [],
      };
    },
  };
}
