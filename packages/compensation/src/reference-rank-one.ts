import { secantKernelsOf } from "./reference-secant.js";
import type { SecantKernels, VectorKernels } from "./vector-kernels.js";

export interface RankOneKernels extends Pick<SecantKernels, "projectColumns"> {
  sgd: VectorKernels["sgd"];
  squaredNorm: VectorKernels["squaredNorm"];
  /** `projection[c] = sum over r of direction[r] * matrix[r, c]`. */
  projectRows(matrix: Float32Array, direction: Float64Array, projection: Float64Array): void;
  /** `matrix[r, c] = scale * matrix[r, c] + direction[r] * projection[c]`. */
  scaleAddOuter(
    matrix: Float32Array,
    scale: number,
    direction: Float64Array,
    projection: Float64Array,
  ): void;
}

const reference = {
  projectRows(matrix: Float32Array, direction: Float64Array, projection: Float64Array): void {
    projection.fill(0);
    const columns = projection.length;
    for (let row = 0, index = 0; row < direction.length; row++) {
      const weight = direction[row] as number;
      for (let column = 0; column < columns; column++)
        projection[column] = (projection[column] as number) + weight * (matrix[index++] as number);
    }
  },
  scaleAddOuter(
    matrix: Float32Array,
    scale: number,
    direction: Float64Array,
    projection: Float64Array,
  ): void {
    const columns = projection.length;
    for (let row = 0, index = 0; row < direction.length; row++) {
      const weight = direction[row] as number;
      for (let column = 0; column < columns; column++, index++)
        matrix[index] = scale * (matrix[index] as number) + weight * (projection[column] as number);
    }
  },
};

export function rankOneKernelsOf(kernels: VectorKernels): RankOneKernels {
  const { projectColumns } = secantKernelsOf(kernels);
  const { sgd, squaredNorm } = kernels;
  return { projectColumns, sgd, squaredNorm, ...reference };
}
