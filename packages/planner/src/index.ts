export { balancedPartition, mostStages } from "./balanced-partition.js";
export { canBeLate, compensationTimes } from "./compensation-time.js";
export {
  adaptationRate,
  fullWorkerCount,
  type IntervalModel,
  type RateRequest,
  type StageTimes,
  stageTimes,
  workerInterval,
  workerTime,
} from "./cost.js";
export type { SearchProgress } from "./effort.js";
export { BudgetError, formatBytes, InputError, lesserRefusal } from "./errors.js";
export {
  type Explanation,
  explain,
  type StageExplanation,
  type TechniqueExplanation,
} from "./explain.js";
export {
  align64,
  type MemoryCategory,
  type MemoryPrediction,
  memoryCategories,
  noOverheads,
  type Overheads,
  pipeDream2BwMemory,
  predictMemory,
} from "./memory.js";
export {
  type BudgetedPlan,
  type BudgetRequest,
  type NamedBudget,
  namedBudgets,
  planUnder,
} from "./named-budget.js";
export { paperMemory } from "./paper-memory.js";
export { partitions } from "./partition.js";
export { leastMemory, plan } from "./plan.js";
export { type Plan, type PlanStrategy, parsePlan } from "./plan-format.js";
export { type Prediction, predictRun } from "./predict.js";
export {
  type GivenLayer,
  type GivenProfile,
  type LayerProfile,
  type Profile,
  parseProfile,
  profileWarnings,
} from "./profile.js";
export { type CompensationChoice, expectedProgress, type ProgressRequest } from "./progress.js";
export { readBytes, readDuration } from "./quantities.js";
export type { PlanRequest } from "./request.js";
export { predictSlotMemory } from "./slot-memory.js";
export { type Slots, slots } from "./slots.js";
export { type SweepPoint, sweep } from "./sweep.js";
export { describeExplanation, describePlan, describeSweep } from "./words.js";
export { plainWorkers, type WorkerConfiguration } from "./worker.js";
