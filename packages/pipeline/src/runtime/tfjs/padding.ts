import type { Configuration } from "../../model/layer.js";
import { reach, type Shape, slideImage } from "../../model/shape.js";
import type { Tensor, Tf } from "./operation.js";

/** Adds a layer's padding to its input, and takes it away from a gradient. */
export interface PaddedWindow {
  pad(input: Tensor): Tensor;
  crop(padded: Tensor, shape: readonly number[]): Tensor;
}

/**
 * Padding is always explicit: with `same`, tfjs 4.22 on wasm gives wrong values where a stride is
 * larger than the kernel.
 * @param filler what stands in the padding.
 */
export function paddedWindow(
  tf: Tf,
  inputShape: Shape,
  {
    kernelSize,
    strides,
    dilations,
    padding,
  }: Pick<Configuration<"conv2d">, "kernelSize" | "strides" | "dilations" | "padding">,
  filler = 0,
): PaddedWindow {
  const { before, after } = slideImage(inputShape, reach(kernelSize, dilations), strides, padding);
  if ([...before, ...after].every((size) => size === 0))
    return { pad: (input) => input, crop: (padded) => padded };
  const paddings: [number, number][] = [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ];
  return {
    pad: (input) => tf.pad(input, paddings, filler),
    crop: (padded, shape) => tf.slice(padded, [0, ...before, 0], [...shape]),
  };
}
