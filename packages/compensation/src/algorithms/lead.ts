import type { ParameterBlock } from "./parameter-blocks.js";

/** Numbers that a lead keeps. */
export const leadNumbers = ({ rows, columns }: ParameterBlock): number => 1 + rows + columns;

/**
 * How far a block's published weights are ahead of those that descent has come to: `scale` times
 * the average of its gradients, and for a matrix `rows` (x) `columns` more. It is made of what is
 * kept anyway, so it takes no vector of its own.
 */
export class Lead {
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  readonly #scale: Float64Array;

  /** @param numbers `leadNumbers`, kept. */
  constructor({ rows }: ParameterBlock, numbers: Float64Array) {
    this.#scale = numbers.subarray(0, 1);
    this.rows = numbers.subarray(1, 1 + rows);
    this.columns = numbers.subarray(1 + rows);
  }

  get scale(): number {
    return this.#scale[0] as number;
  }

  set(scale: number, rows: Float64Array, columns: Float64Array): void {
    this.#scale[0] = scale;
    this.rows.set(rows);
    this.columns.set(columns);
  }
}
