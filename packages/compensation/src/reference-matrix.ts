import type { MatrixKernels, VectorKernels } from "./vector-kernels.js";

/** The matrix kernels in plain TypeScript. */
const matrixKernels: MatrixKernels = {
  projectRows(matrix, direction, projection) {
    const columns = projection.length;
    projection.fill(0);
    for (let row = 0, index = 0; row < direction.length; row++) {
      const weight = direction[row] as number;
      for (let column = 0; column < columns; column++)
        projection[column] = (projection[column] as number) + weight * (matrix[index++] as number);
    }
  },

  projectColumns(matrix, projection, direction) {
    const columns = projection.length;
    for (let row = 0, index = 0; row < direction.length; row++) {
      let sum = 0;
      for (let column = 0; column < columns; column++)
        sum += (matrix[index++] as number) * (projection[column] as number);
      direction[row] = sum;
    }
  },

  addOuter(matrix, direction, projection) {
    const columns = projection.length;
    for (let row = 0, index = 0; row < direction.length; row++) {
      const weight = direction[row] as number;
      for (let column = 0; column < columns; column++, index++)
        matrix[index] = (matrix[index] as number) + weight * (projection[column] as number);
    }
  },
};

/** The given kernels where they can work on matrices. */
export function matrixKernelsOf(kernels: VectorKernels): MatrixKernels {
  const has = kernels.projectRows && kernels.projectColumns && kernels.addOuter;
  return has ? (kernels as MatrixKernels) : matrixKernels;
}
