import { expected } from "../../errors.js";
import type { Padding, Pair } from "../shape.js";
import { type Shape, slideImage } from "../shape.js";

/** No layer on images takes channels first here, */
export const channelsLast = { data_format: ["channels_last", "channelsLast"] };
/** and none but convolutions has gaps in its window. */
export const imageDefaults = { ...channelsLast, dilation_rate: [1, [1, 1]] };

/** Height, width and channels of an image; throws InputError for any other shape. */
export function requireImage(inputShape: Shape, path: string): [number, number, number] {
  if (inputShape.length !== 3)
    throw expected("input [height, width, channels]", path, `input shape [${inputShape}]`);
  return inputShape as unknown as [number, number, number];
}

/** A window up to this size may be larger than its image, as at the end of a deep network. */
const mostBeyond = 9;

/** Rows and columns of a window's places; throws InputError where the window does not fit. */
export function requirePlaces(
  inputShape: Shape,
  window: Pair,
  strides: Pair,
  padding: Padding,
  path: string,
): Pair {
  const imageLength = (axis: number) => inputShape[axis] as number;
  // oneDNN writes outside its buffers where a large window is larger than its image.
  if (Math.max(...window) > mostBeyond && window.some((length, axis) => length > imageLength(axis)))
    throw expected(
      `window of at most ${mostBeyond}, or no larger than its input,`,
      path,
      `[${window}] on [${inputShape}]`,
      "make it smaller",
    );
  const { size } = slideImage(inputShape, window, strides, padding);
  if (size[0] < 1 || size[1] < 1)
    throw expected(
      "input at least as large as the window",
      path,
      `[${inputShape}] under a window of [${window}]`,
    );
  return size;
}
