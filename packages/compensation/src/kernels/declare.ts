import { checkedKernels } from "./call-checks.js";
import type { Parameter } from "./parameters.js";

/** The parameters of kernels, in their order. */
export type ParametersOf<Kernels> = {
  readonly [Name in keyof Kernels]-?: readonly Parameter[];
};

/**
 * All that there is to know of some kernels: what they do is told by their type, which is part of
 * `VectorKernels`. They stand in a file of their own, and in one row of the contract.
 */
export interface Declared<Kernels> {
  readonly parameters: ParametersOf<Kernels>;
  /** In plain TypeScript, refusing calls that do not fit. */
  readonly plain: Required<Kernels>;
  /** See `RepairCheck`; undefined: their check stands in `checks/`. */
  readonly check?: RepairCheck;
}

/** How a kernel that works element by element is checked, in double precision. */
export interface RepairCheck {
  /** What becomes of g at strength `strength`; d: newest - origin, m: the mean square, g taken in. */
  repaired(g: number, d: number, m: number, strength: number): number;
  /** The numbers between the vectors (and the decay, where there is a mean square) and the step. */
  numbers?(strength: number): readonly number[];
}

/** Kernels from their parameters and plain form. */
export const declare = <Kernels>(
  parameters: ParametersOf<Kernels>,
  plain: Required<Kernels>,
  check?: RepairCheck,
): Declared<Kernels> => ({
  parameters,
  plain: checkedKernels(plain, parameters),
  ...(check && { check }),
});
