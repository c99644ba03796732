export { InputError } from "./errors.js";
export type { Layer, LayerConfiguration, ParameterTensor } from "./model/layer.js";
export type { Shape } from "./model/shape.js";
export { type Model, parseModel, type SequentialSpecification } from "./model/spec.js";
export { cutStages, type Stage } from "./model/stage.js";
export type { Runtime, StageProgram } from "./runtime/contract.js";
