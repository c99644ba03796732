import type { VectorKernels } from "../contract.js";

/** Row-major matrices of `length` columns and of `length` rows, single ones too. */
export function checkMatrix(
  { projectColumns }: VectorKernels,
  length: number,
  draw: (length: number) => Float32Array,
  compare: (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) => void,
): void {
  if (!projectColumns) return;
  for (const [rows, columns] of [
    [7, length],
    [length, 11],
    [1, length],
    [length, 1],
  ] as const) {
    const matrix = draw(rows * columns);
    const projection = Float64Array.from(draw(columns));
    const expected = new Float64Array(rows);
    matrix.forEach((value, index) => {
      expected[Math.floor(index / columns)]! += value * projection[index % columns]!;
    });
    const direction = new Float64Array(rows).fill(Number.NaN);
    projectColumns(matrix, projection, direction);
    compare("direction", direction, expected);
  }
}
