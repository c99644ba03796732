import type { Tensor } from "./contract.js";

/**
 * Divides by a tensor that is at least 0, and by 1 where it is 0: nothing can branch on a value that
 * is not read back, so what a quotient without sense gives must be a number that 0 can multiply.
 */
export const quotient = <T extends Tensor<T>>(value: T, divisor: T): T =>
  value.div(divisor.add(not(divisor.step())));

/** 1 where a tensor of zeros and ones is 0, and 0 where it is 1. */
export const not = <T extends Tensor<T>>(mask: T): T => mask.mul(-1).add(1);
