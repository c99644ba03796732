export { type BlockFisherOptions, blockFisher } from "./algorithms/block-fisher.js";
export { type ClosedFormOptions, closedForm } from "./algorithms/closed-form.js";
export { type DelayAdaptiveOptions, delayAdaptive } from "./algorithms/delay-adaptive.js";
export { type DriftAwareOptions, driftAware } from "./algorithms/drift-aware.js";
export { adaptiveFisher, type FisherOptions, fisher } from "./algorithms/fisher.js";
export { type FisherCapOptions, fisherCap } from "./algorithms/fisher-cap.js";
export { gapAware } from "./algorithms/gap-aware.js";
export { type IterFisherOptions, iterFisher } from "./algorithms/iter-fisher.js";
export { none } from "./algorithms/none.js";
export { secant } from "./algorithms/secant.js";
export { stepAware } from "./algorithms/step-aware.js";
export { checked } from "./checked.js";
export type { CompensationContext, Compensator, ParameterMatrix } from "./contract.js";
export { InputError } from "./errors.js";
export { guard } from "./guard.js";
export { kernelNames } from "./kernels/call-parameters.js";
export type {
  RankOneKernels,
  SecantArguments,
  SecantKernels,
  VectorKernels,
} from "./kernels/contract.js";
export { referenceKernels } from "./kernels/reference.js";
export { type CompensationOptions, compensatorNames, createCompensator } from "./registry.js";
export type { Tensor, TensorCompensator, TensorLibrary } from "./tensor/contract.js";
export { createTensorCompensator, tensorCompensatorNames } from "./tensor/create.js";
