import type { Layer, LayerConfiguration } from "../../model/layer.js";
import { slideImage } from "../../model/shape.js";
import type { Tensor, Tf } from "./operation.js";

type Pooling = Extract<LayerConfiguration, { kind: "maxPooling2d" | "averagePooling2d" }>;

/**
 * Gradient of a pooling layer at its input: to the first largest value of each window, or in
 * equal parts to the values that the window covers.
 *
 * In plain TypeScript, because tfjs 4.22 has it wrong: on wasm `MaxPoolGrad` may give the gradient
 * to another value than the largest, and `AvgPoolGrad` counts padding that the forward leaves out.
 */
export function poolingGradient(
  tf: Tf,
  layer: Layer,
  configuration: Pooling,
  input: Tensor,
  outputGradient: Tensor,
): Tensor {
  const [height, width, channels] = layer.inputShape as [number, number, number];
  const { kind, poolSize, strides, padding } = configuration;
  const { size, before } = slideImage(layer.inputShape, poolSize, strides, padding);
  const values = input.dataSync() as Float32Array;
  const gradients = outputGradient.dataSync() as Float32Array;
  const result = new Float32Array(values.length);
  let output = 0;
  for (let image = 0; image < values.length; image += height * width * channels)
    for (let row = 0; row < size[0]; row++) {
      const top = row * strides[0] - before[0];
      const [firstY, endY] = [Math.max(0, top), Math.min(height, top + poolSize[0])];
      for (let column = 0; column < size[1]; column++) {
        const left = column * strides[1] - before[1];
        const [firstX, endX] = [Math.max(0, left), Math.min(width, left + poolSize[1])];
        const share = 1 / ((endY - firstY) * (endX - firstX));
        for (let channel = 0; channel < channels; channel++, output++) {
          const gradient = gradients[output] as number;
          let largest = -1;
          for (let y = firstY; y < endY; y++)
            for (let x = firstX; x < endX; x++) {
              const place = image + (y * width + x) * channels + channel;
              if (kind === "averagePooling2d")
                result[place] = (result[place] as number) + gradient * share;
              else if (largest < 0 || (values[place] as number) > (values[largest] as number))
                largest = place;
            }
          if (largest >= 0) result[largest] = (result[largest] as number) + gradient;
        }
      }
    }
  return tf.tensor(result, input.shape);
}
