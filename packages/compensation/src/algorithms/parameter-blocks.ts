import type { ParameterMatrix } from "../contract.js";
import { InputError } from "../errors.js";

/** Consecutive parameters: a matrix, or what lies beside the matrices, which has no rows. */
export interface ParameterBlock {
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  readonly columns: number;
}

/** @throws InputError where the matrices overlap, are not in order or reach past the parameters. */
export function cutBlocks(
  parameterCount: number,
  matrices: readonly ParameterMatrix[],
): ParameterBlock[] {
  const blocks: ParameterBlock[] = [];
  let end = 0;
  const addPlain = (offset: number) => {
    if (offset > end) blocks.push({ offset: end, length: offset - end, rows: 0, columns: 0 });
  };
  for (const { offset, rows, columns } of matrices) {
    const length = rows * columns;
    if (!(offset >= end && length > 0 && offset + length <= parameterCount))
      throw new InputError(
        `Expected matrices apart and in order within ${parameterCount} parameters but received ${rows} x ${columns} at ${offset}`,
      );
    addPlain(offset);
    blocks.push({ offset, length, rows, columns });
    end = offset + length;
  }
  addPlain(parameterCount);
  return blocks;
}

/** Gives the blocks' parts of a vector; remembers them, so that a vector seen before costs nothing. */
export function blockViews(
  blocks: readonly ParameterBlock[],
): (vector: Float32Array) => readonly Float32Array[] {
  const known = new WeakMap<Float32Array, readonly Float32Array[]>();
  return (vector) => {
    let views = known.get(vector);
    if (!views) {
      views = blocks.map(({ offset, length }) => vector.subarray(offset, offset + length));
      known.set(vector, views);
    }
    return views;
  };
}
