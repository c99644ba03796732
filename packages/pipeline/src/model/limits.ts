import { InputError } from "../errors.js";
import { elementCount, type Shape } from "./shape.js";

/**
 * What a model may be at most: far above what a stream can be learned with on one machine, and
 * checked before memory is taken. A file may say anything.
 */
export const limits = {
  /** Layers in a specification, before any are folded. */
  layers: 5000,
  /** Residual blocks inside one another. */
  nesting: 64,
  /** Units of a layer, channels of an image, rows or columns of a window. */
  size: 1 << 20,
  /** Values of one sample where it enters or leaves a layer. */
  sampleValues: 1 << 24,
  /** Parameters of the whole model: 1 GiB of float32. */
  parameters: 1 << 28,
} as const;

/** @throws InputError where there is more than the limit. */
export function requireAtMost(limit: number, count: number, what: string, path: string): void {
  if (count > limit)
    throw new InputError(
      `Expected at most ${limit} ${what} for ${path} but received ${count}; make the model smaller`,
    );
}

/** Holds the shape of one sample against the limits. */
export function requireSample(shape: Shape, path: string): void {
  requireAtMost(limits.size, Math.max(...shape), "values along one axis", path);
  requireAtMost(limits.sampleValues, elementCount(shape), "values of one sample", path);
}
