export { er } from "./algorithms/er.js";
export { vanilla } from "./algorithms/vanilla.js";
export { Reservoir } from "./buffer/reservoir.js";
export type {
  AlgorithmOptions,
  AlgorithmShape,
  Allocate,
  Batch,
  ComposedBatch,
  LearnedBatch,
  ModelAccess,
  OclAlgorithm,
} from "./contract.js";
export { InputError } from "./errors.js";
export { softmaxCrossEntropy } from "./loss/cross-entropy.js";
export { Random } from "./random.js";
export { algorithmNames, createAlgorithm } from "./registry.js";
