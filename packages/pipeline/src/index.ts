// A learner on a stream, and what it takes. For its parts see engine.ts.
export type { PartReference } from "./clock/threads/part-reference.js";
export { InputError } from "./errors.js";
export type { PlanSwitch } from "./learner/by-hand/replan.js";
export type {
  ClockOptions,
  CommonLearnerOptions,
  Labels,
  LayerSpecification,
  Learner,
  LearnerChange,
  LearnerOf,
  LearnerOptions,
  Observation,
  Prediction,
  Samples,
} from "./learner/contract.js";
export { createLearner } from "./learner/create.js";
export { type OpenOptions, openLearner } from "./learner/open.js";
export { planSchedule, type SchedulePlan } from "./learner/plan/schedule-plan.js";
export type {
  RegressionObservation,
  RegressionPrediction,
  Regressor,
  RegressorMetrics,
  RegressorOptions,
  Targets,
} from "./learner/regressor.js";
export type { RecentAction, RecentActions, RecentKind } from "./metrics/action-ring.js";
export type { WarningListener } from "./metrics/alarm.js";
export type { Collapse } from "./metrics/collapse-watch.js";
export type { LearnerMetrics } from "./metrics/metrics-book.js";
export type { RegressionFigures, RegressionScores } from "./metrics/regression-metrics.js";
export type { StoredTensor } from "./model/files/floats.js";
export { loadLayersModel, saveLayersModel } from "./model/files/layers-model.js";
export { loadModel } from "./model/files/load-model.js";
export type { Metadata } from "./model/files/metadata.js";
export { loadSafetensors, saveSafetensors } from "./model/files/safetensors.js";
export type { Layer, LayerConfiguration, ParameterTensor } from "./model/layer.js";
export { layerKindNames } from "./model/layers/registry.js";
export type { Loss } from "./model/loss.js";
export type { Shape } from "./model/shape.js";
export {
  type FunctionalSpecification,
  type Model,
  type ModelSpecification,
  parseModel,
  type SequentialSpecification,
} from "./model/spec.js";
export type { ModelBuilder } from "./models/contract.js";
export { builtInModels } from "./models/registry.js";
export type { Optimizer } from "./optimizer/contract.js";
export { createOptimizer, type OptimizerOptions, optimizerNames } from "./optimizer/registry.js";
export {
  type MeasuredLayer,
  type MeasuredProfile,
  type ProfileOptions,
  profileModel,
} from "./profile.js";
export { RunningScaler, type ScalerState } from "./running-scaler.js";
export {
  type ChosenRuntime,
  chooseRuntime,
  type RuntimeName,
  runtimeNames,
} from "./runtime/choose.js";
export type { ProgramMode, Runtime, StageProgram } from "./runtime/contract.js";
export type { RuntimeChoice } from "./runtime/load.js";
export type { Action, ActionKind, TimedAction } from "./schedule/action.js";
export type { ActionTimes, FixedOrder } from "./schedule/order.js";
export { createOrder, orderNames } from "./schedule/orders.js";
export { render, renderDevices } from "./schedule/render.js";
export { validate } from "./schedule/validate.js";
