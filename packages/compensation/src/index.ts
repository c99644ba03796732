export { type IterFisherOptions, iterFisher } from "./algorithms/iter-fisher.js";
export { none } from "./algorithms/none.js";
export type { CompensationContext, Compensator, VectorKernels } from "./contract.js";
export { InputError } from "./errors.js";
export { referenceKernels } from "./reference.js";
export { type CompensationOptions, compensatorNames, createCompensator } from "./registry.js";
