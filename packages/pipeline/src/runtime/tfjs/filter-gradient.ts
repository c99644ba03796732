import type { Pair } from "../../model/shape.js";
import type { Tensor, Tf } from "./operation.js";

/**
 * Gradient of a convolution at its kernel, [height, width, in, out].
 *
 * The wasm backend has no kernel for it and the cpu backend's takes minutes where this takes
 * seconds, so there it is composed: the gradient at one place of the window is a matrix product
 * of the input as that place sees it with the gradient at the output.
 *
 * @param padded the input with its padding.
 */
export function filterGradient(
  tf: Tf,
  padded: Tensor,
  outputGradient: Tensor,
  { kernelSize, strides }: { readonly kernelSize: Pair; readonly strides: Pair },
): Tensor {
  const channels = padded.shape[3] as number;
  const [batch, height, width, filters] = outputGradient.shape as [number, number, number, number];
  const filterShape = [...kernelSize, channels, filters];
  if (tf.getBackend() !== "wasm" && tf.getBackend() !== "cpu")
    return tf
      .engine()
      .runKernel(
        "Conv2DBackpropFilter",
        { x: padded, dy: outputGradient },
        { strides: [...strides], pad: "valid", dataFormat: "NHWC", filterShape },
      ) as Tensor;

  const rows = batch * height * width;
  const gradients = outputGradient.reshape([rows, filters]);
  const places: Tensor[] = [];
  for (let y = 0; y < kernelSize[0]; y++)
    for (let x = 0; x < kernelSize[1]; x++) {
      const seen = seenFrom(tf, padded, [y, x], outputGradient.shape, strides);
      places.push(tf.matMul(seen.reshape([rows, channels]), gradients, true, false));
    }
  return tf.stack(places).reshape(filterShape);
}

/** The values of the padded input that one place of the window meets, as it slides. */
export function seenFrom(
  tf: Tf,
  padded: Tensor,
  [y, x]: Pair,
  outputShape: readonly number[],
  strides: Pair,
): Tensor {
  const [batch, , , channels] = padded.shape as [number, number, number, number];
  const [, height, width] = outputShape as [number, number, number];
  const end = [y + (height - 1) * strides[0] + 1, x + (width - 1) * strides[1] + 1] as const;
  return tf.stridedSlice(padded, [0, y, x, 0], [batch, ...end, channels], [1, ...strides, 1]);
}
