// The parts of a learner, for those who assemble one themselves.
export { type Every, parseEvery } from "./checkpoint/every.js";
export {
  type Checkpoint,
  hasCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpoint/folder.js";
export { isAlive } from "./checkpoint/is-alive.js";
export type { LearnerFacts, LearnerState } from "./checkpoint/learner-state.js";
export {
  giveParts,
  type NumberPart,
  type StateArray,
  type StateParts,
  type StateTensor,
  type StateTensors,
  takeParts,
} from "./checkpoint/parts.js";
export { readFacts } from "./checkpoint/read-facts.js";
export { importPart } from "./clock/threads/import-part.js";
export type { Admission, BatchSkip } from "./course/admission.js";
export {
  type Choice,
  type ChoiceContext,
  type ChoiceRule,
  drawn,
  newest,
} from "./course/choice.js";
export { type CoresetChoiceOptions, coresetChoice } from "./course/coreset-choice.js";
export type { WaitingItems } from "./course/waiting-items.js";
export type {
  Batch,
  ComposedBatch,
  LearnedBatch,
  LearningAlgorithm,
  ModelAccess,
  ModelOutputs,
  WholeUpdate,
} from "./execute/algorithm.js";
export { checkAlgorithm } from "./execute/check-algorithm.js";
export { checkInputs, checkItem, type ItemShape } from "./execute/check-item.js";
export { Executor, type ExecutorOptions } from "./execute/executor.js";
export { hookBytes } from "./execute/hooks.js";
export { allocateParameters, type InitialParameters } from "./execute/parameters.js";
export { inputSlotBytes } from "./execute/reference-batch.js";
export { attachModel, WholeModel, wholeModelBytes } from "./execute/whole-model.js";
export { checkOneStage, partitionFor } from "./execute/whole-update.js";
export {
  createVirtualLearner,
  type VirtualLearner,
  type VirtualLearnerOptions,
} from "./learner/by-hand/learner.js";
export { arrivalSlots } from "./learner/by-hand/learner-on-threads.js";
export {
  createOneStageLearner,
  type OneStageLearner,
  type OneStageLearnerOptions,
} from "./learner/by-hand/one-stage-learner.js";
export type { PlanChange } from "./learner/by-hand/replan.js";
export {
  createScheduledLearner,
  type ScheduledLearner,
  type ScheduledLearnerOptions,
} from "./learner/by-hand/scheduled-learner.js";
export type {
  PredictionListener,
  ThreadsLearner,
  ThreadsLearnerBase,
  ThreadsLearnerOptions,
  ThreadsMetrics,
  ThreadsOneStageLearnerOptions,
  ThreadsScheduledLearner,
  ThreadsScheduledLearnerOptions,
  ValuesListener,
} from "./learner/by-hand/threads-contract.js";
export { startThreadsLearner } from "./learner/by-hand/threads-learner.js";
export { startThreadsOneStageLearner } from "./learner/by-hand/threads-one-stage-learner.js";
export { startThreadsScheduledLearner } from "./learner/by-hand/threads-scheduled-learner.js";
export {
  bareChoices,
  type ChosenCompensation,
  type CompensationRequest,
  chooseCompensation,
  isNearlyFresh,
  type PlanningGoal,
  type RunPlans,
  usualChoices,
} from "./learner/plan/choose-compensation.js";
export { type Learning, type LearningRequest, learningOf } from "./learner/plan/learning.js";
export {
  type AlgorithmChoice,
  type AlgorithmSettings,
  type CountedAlgorithm,
  loadAlgorithm,
  namesModule,
} from "./learner/plan/load-algorithm.js";
export {
  type LearnTimes,
  learnTimes,
  type OneStageRequest,
  predictOneStageMemory,
} from "./learner/plan/one-stage-plan.js";
export { fastestInterval, predictionTime } from "./learner/plan/pace.js";
export { pipelineCompensator, pipelineSettings } from "./learner/plan/pipeline-compensator.js";
export { type PlannedClock, planOnClock } from "./learner/plan/plan-on-clock.js";
export { type StreamShape, shapeOf } from "./learner/plan/stream-shape.js";
export { type ModelToLearn, readModel } from "./learner/read-model.js";
export { readLabels, readSamples } from "./learner/read-samples.js";
export { readTargets } from "./learner/read-targets.js";
export type { Recipe } from "./learner/recipe.js";
export { type LayerTimes, measureLayer } from "./measure.js";
export { NewCells } from "./memory/cells.js";
export { Ledger, type MemoryCategory, type MemoryUse, memoryCategories } from "./memory/ledger.js";
export { Alarm } from "./metrics/alarm.js";
export { CollapseWatch } from "./metrics/collapse-watch.js";
export { DurationHistogram } from "./metrics/duration-histogram.js";
export { RegressionMetrics } from "./metrics/regression-metrics.js";
export { foreignFormat } from "./model/files/foreign.js";
export { tfjsNotices } from "./model/files/layers-model.js";
export { readLayersModelMetadata, readSafetensorsMetadata } from "./model/files/metadata.js";
export { arrangeParameters, nameParameters } from "./model/files/parameters.js";
export { findMatrices } from "./model/matrices.js";
export { cutStages, type Stage, type Statistic } from "./model/stage.js";
export { withAlgorithm, withTimes } from "./profile.js";
export { loadRuntime } from "./runtime/load.js";
export { loadNativeRuntime } from "./runtime/native.js";
export { loadTfjsRuntime, type TfjsBackend } from "./runtime/tfjs/load.js";
export { formatAction, parseAction } from "./schedule/action.js";
export { chromeTrace } from "./schedule/chrome-trace.js";
export { countStages, idleTime, type StageCounts } from "./schedule/counts.js";
export { layOut } from "./schedule/order.js";
