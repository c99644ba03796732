/** Shape of one sample: `[features]` or `[height, width, channels]` (channels last). */
export type Shape = readonly number[];

/** Height, then width. */
export type Pair = readonly [number, number];
/** `before`: rows above and columns to the left; `after`: rows below and columns to the right. */
export type Padding = "valid" | "same" | { readonly before: Pair; readonly after: Pair };

/** Number of elements of one sample. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Every buffer of a run is rounded up to a cache line, so that sums of buffers are exact. */
export function align64(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Bytes of a float32 batch as it crosses a stage boundary: dense, channels last. */
export function boundaryBytes(shape: Shape, batch: number): number {
  return align64(4 * batch * elementCount(shape));
}

/**
 * Bytes reserved for a float32 batch inside a stage.
 *
 * Convolution libraries keep images in channel blocks of 16, so images are counted with their
 * channels rounded up. The figure depends on nothing but the shape: that makes the memory of a
 * stage the sum of its layers', whatever the runtime and wherever the model is cut.
 */
export function tensorBytes(shape: Shape, batch: number): number {
  return align64(4 * batch * paddedElementCount(shape));
}

/** Elements of one sample with the channels of an image rounded up to a block of 16. */
export function paddedElementCount(shape: Shape): number {
  if (shape.length !== 3) return elementCount(shape);
  const [height, width, channels] = shape as [number, number, number];
  return height * width * Math.ceil(channels / 16) * 16;
}

/**
 * Output length and padding of a window that slides over one axis, as Keras and TensorFlow define
 * `valid` and `same` (the odd element of `same` goes to the end), or with the padding given.
 */
export function slide(
  length: number,
  window: number,
  stride: number,
  padding: "valid" | "same" | { readonly before: number; readonly after: number },
): { length: number; before: number; after: number } {
  if (padding !== "same") {
    const { before, after } = padding === "valid" ? { before: 0, after: 0 } : padding;
    return { length: Math.floor((length + before + after - window) / stride) + 1, before, after };
  }
  const output = Math.ceil(length / stride);
  const total = Math.max((output - 1) * stride + window - length, 0);
  const before = Math.floor(total / 2);
  return { length: output, before, after: total - before };
}

/** Rows and columns that a window spans whose places lie so many pixels apart. */
export function reach(kernel: Pair, dilations: Pair): Pair {
  const along = (axis: 0 | 1) => (kernel[axis] - 1) * dilations[axis] + 1;
  return [along(0), along(1)];
}

/** Where a window of `kernel` slides over an image. */
export interface Sliding {
  /** Places of the window: rows, then columns. */
  readonly size: Pair;
  readonly before: Pair;
  readonly after: Pair;
}

/** `slide` over both axes of an image [height, width, channels]. */
export function slideImage(
  [height, width]: Shape,
  kernel: Pair,
  strides: Pair,
  padding: Padding,
): Sliding {
  const axis = (index: 0 | 1) =>
    slide(
      (index === 0 ? height : width) as number,
      kernel[index],
      strides[index],
      typeof padding === "string"
        ? padding
        : { before: padding.before[index], after: padding.after[index] },
    );
  const [rows, columns] = [axis(0), axis(1)];
  return {
    size: [rows.length, columns.length],
    before: [rows.before, columns.before],
    after: [rows.after, columns.after],
  };
}
