export type { VectorKernels } from "./contract.js";
export { type LoadedKernels, loadKernels, type Rejection } from "./load.js";
export type { NativePrograms, NativeStageLayer, NativeStageProgram } from "./program.js";
export { referenceKernels } from "./reference.js";
