import type { ParameterMatrix, ParameterShape, ParameterSpace, ParameterSpan } from "./contract.js";

/** Parameters with what may be left out filled in. */
export interface FilledSpace {
  readonly parameterCount: number;
  readonly matrices: readonly ParameterMatrix[];
  readonly allocate: (length: number) => Float32Array;
  readonly numbers: (count: number, of?: ParameterSpan) => Float64Array;
}

/** What a method goes by, whatever was left out. */
export const filled = ({
  parameterCount,
  matrices = [],
  allocate = (length) => new Float32Array(length),
  numbers = (count) => new Float64Array(count),
}: ParameterSpace): FilledSpace => ({ parameterCount, matrices, allocate, numbers });

/** Rows and columns of a shape that is a matrix; null where it is none. */
export function matrixOf(shape: readonly number[]): { rows: number; columns: number } | null {
  if (shape.length < 2) return null;
  return { rows: elementsOf(shape.slice(0, -1)), columns: shape[shape.length - 1] as number };
}

/** How many numbers have a place in a shape. */
const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A shape as a vector, with the matrix that it is, if any. */
export function flattened({ shape, ...memory }: ParameterShape): ParameterSpace {
  const parameterCount = elementsOf(shape);
  const matrix = parameterCount > 0 ? matrixOf(shape) : null;
  return { ...memory, parameterCount, matrices: matrix ? [{ offset: 0, ...matrix }] : [] };
}
