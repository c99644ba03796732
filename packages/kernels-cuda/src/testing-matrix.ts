import type { VectorKernels } from "./contract.js";

/** Row-major matrices of `length` columns and of `length` rows. */
export function checkMatrix(
  { projectRows, projectColumns, addOuter }: VectorKernels,
  length: number,
  draw: (length: number) => Float32Array,
  compare: (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) => void,
): void {
  if (!projectRows || !projectColumns || !addOuter) return;
  for (const [rows, columns] of [
    [7, length],
    [length, 11],
  ] as const) {
    const matrix = draw(rows * columns);
    const direction = Float64Array.from(draw(rows));
    const projection = Float64Array.from(draw(columns));
    const at = (row: number, column: number) => matrix[row * columns + column]!;
    const sum = (count: number, term: (index: number) => number) =>
      Array.from({ length: count }, (_, index) => term(index)).reduce((all, one) => all + one, 0);

    const across = Float64Array.from(projection, (_, column) =>
      sum(rows, (row) => direction[row]! * at(row, column)),
    );
    const down = Float64Array.from(direction, (_, row) =>
      sum(columns, (column) => at(row, column) * projection[column]!),
    );
    const added = Array.from(
      matrix,
      (value, index) =>
        value + direction[Math.floor(index / columns)]! * projection[index % columns]!,
    );
    const [projected, directed] = [new Float64Array(columns), new Float64Array(rows)];
    projectRows(matrix, direction, projected);
    compare("projectRows", projected, across);
    projectColumns(matrix, projection, directed);
    compare("projectColumns", directed, down);
    addOuter(matrix, direction, projection);
    compare("addOuter", matrix, added);
  }
}
