export { type CheckedCompensator, checked } from "./checked.js";
export type {
  CompensationContext,
  Compensator,
  LateGradient,
  LateStep,
  ParameterMatrix,
  ParameterShape,
  ParameterSpace,
  ParameterSpan,
} from "./contract.js";
export { createCompensator } from "./create.js";
export { InputError } from "./errors.js";
export { guard } from "./guard.js";
export { kernelNames, referenceKernels, type VectorKernels } from "./kernels/contract.js";
export type { PenaltyKernels } from "./kernels/penalty.js";
export type { RankOneKernels } from "./kernels/rank-one.js";
export type { SecantArguments, SecantKernels } from "./kernels/secant.js";
export {
  type CompensationOptions,
  compensatorNames,
  tensorCompensatorNames,
} from "./registry.js";
export type { Tensor, TensorCompensator, TensorLibrary } from "./tensor/contract.js";
