import type * as TensorFlow from "@tensorflow/tfjs";
import type { Pair } from "../../model/shape.js";
import { seenFrom } from "./filter-gradient.js";
import type { Tensor, Tf } from "./operation.js";
import { spread } from "./spread.js";

interface Window {
  readonly kernelSize: Pair;
  readonly strides: Pair;
}

/**
 * Gradient of a depthwise convolution at its kernel, [height, width, channels, 1]. Composed where
 * the backend has no kernel for it: the gradient at one place of the window is a sum over the input
 * as that place sees it times the gradient at the output.
 *
 * @param padded the input with its padding.
 */
export function depthwiseFilterGradient(
  tf: Tf,
  padded: Tensor,
  outputGradient: Tensor,
  { kernelSize, strides }: Window,
): Tensor {
  const filterShape = [...kernelSize, padded.shape[3] as number, 1];
  if (tf.getBackend() !== "wasm")
    return tf
      .engine()
      .runKernel(
        "DepthwiseConv2dNativeBackpropFilter",
        { x: padded, dy: outputGradient },
        { strides: [...strides], dilations: [1, 1], pad: "valid", filterShape },
      ) as Tensor;
  const places: Tensor[] = [];
  for (let y = 0; y < kernelSize[0]; y++)
    for (let x = 0; x < kernelSize[1]; x++)
      places.push(
        tf.sum(
          tf.mul(seenFrom(tf, padded, [y, x], outputGradient.shape, strides), outputGradient),
          [0, 1, 2],
        ),
      );
  return tf.stack(places).reshape(filterShape);
}

/**
 * Gradient of a depthwise convolution at its padded input. Composed where the backend has no
 * kernel for it: a convolution of the gradient, spread out by the strides, with the kernel turned
 * by half a circle.
 */
export function depthwiseInputGradient(
  tf: Tf,
  inputShape: readonly number[],
  kernel: Tensor,
  outputGradient: Tensor,
  { kernelSize, strides }: Window,
): Tensor {
  if (tf.getBackend() !== "wasm")
    return tf
      .engine()
      .runKernel(
        "DepthwiseConv2dNativeBackpropInput",
        { dy: outputGradient, filter: kernel },
        { strides: [...strides], dilations: [1, 1], pad: "valid", inputShape: [...inputShape] },
      ) as Tensor;
  const both = spread(tf, outputGradient, strides);
  const [, height, width] = both.shape as [number, number, number, number];
  const around = (axis: 0 | 1, size: number): [number, number] => [
    kernelSize[axis] - 1,
    (inputShape[axis + 1] as number) - size,
  ];
  return tf.depthwiseConv2d(
    tf.pad(both, [[0, 0], around(0, height), around(1, width), [0, 0]]) as TensorFlow.Tensor4D,
    tf.reverse(kernel as TensorFlow.Tensor4D, [0, 1]),
    1,
    "valid",
  );
}
