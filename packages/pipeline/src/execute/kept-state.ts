import type { ParameterSpan } from "@ferret-ocl/compensation";

/** Numbers that are about some parameters of a stage. */
export interface KeptNumbers {
  /** Null: about all of them. */
  readonly of: ParameterSpan | null;
  readonly values: Float64Array;
}

/**
 * What a compensator or an optimizer keeps of a stage: it is asked for part by part, and remembered
 * here so that it can be saved.
 */
export class KeptState {
  /** As long as the stage's parameters. */
  readonly vectors: Float32Array[] = [];
  readonly numbers: KeptNumbers[] = [];
  readonly allocate: (length: number) => Float32Array;
  readonly allocateNumbers: (count: number, of?: ParameterSpan) => Float64Array;

  constructor(floats: (length: number) => Float32Array, doubles: (count: number) => Float64Array) {
    this.allocate = (length) => {
      const vector = floats(length);
      this.vectors.push(vector);
      return vector;
    };
    this.allocateNumbers = (count, of) => {
      const values = doubles(count);
      this.numbers.push({ of: of ? { offset: of.offset, length: of.length } : null, values });
      return values;
    };
  }
}
