/** Shape of one sample: `[features]` or `[height, width, channels]` (channels last). */
export type Shape = readonly number[];

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
 * Output length and leading padding of a window that slides over one axis, as Keras and
 * TensorFlow define `valid` and `same` (the odd element of `same` goes to the end).
 */
export function slide(
  length: number,
  window: number,
  stride: number,
  padding: "valid" | "same",
): { length: number; before: number; after: number } {
  if (padding === "valid") {
    return { length: Math.floor((length - window) / stride) + 1, before: 0, after: 0 };
  }
  const output = Math.ceil(length / stride);
  const total = Math.max((output - 1) * stride + window - length, 0);
  const before = Math.floor(total / 2);
  return { length: output, before, after: total - before };
}
