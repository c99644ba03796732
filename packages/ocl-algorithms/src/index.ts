export { er } from "./algorithms/er.js";
export { lwf } from "./algorithms/lwf.js";
export { mas } from "./algorithms/mas.js";
export { mir } from "./algorithms/mir.js";
export { vanilla } from "./algorithms/vanilla.js";
export { Allotment } from "./allotment.js";
export { ReplayBuffer, type ReplayBufferOptions } from "./buffer/replay-buffer.js";
export type {
  AlgorithmKernels,
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  Allocate,
  Batch,
  BufferKind,
  ComposedBatch,
  LayerOutline,
  LearnedBatch,
  ModelAccess,
  ModelOutputs,
  OclAlgorithm,
  Pixels,
  ReplayLoss,
  SnapshotAt,
  WholeUpdate,
} from "./contract.js";
export { copyItem, copySamples } from "./copy-samples.js";
export { InputError } from "./errors.js";
export { featureLengthOf } from "./feature-length.js";
export { crossEntropyOf, softmaxCrossEntropy } from "./loss/cross-entropy.js";
export { type Distillation, distilledCrossEntropy } from "./loss/distillation.js";
export { meanSquaredError, squaredErrorOf } from "./loss/mean-squared-error.js";
export { type Objective, objectiveOf } from "./loss/objective.js";
export { Random } from "./random.js";
export {
  algorithmNames,
  algorithmSettings,
  algorithmsThatTake,
  createAlgorithm,
} from "./registry.js";
export {
  AlgorithmState,
  type ArrayPart,
  type NumberPart,
  type StateOwner,
  type StateParts,
} from "./state.js";
