// A learner as a service.
export { describePlan } from "./describe-plan.js";
export { InputError, TakenIdError, UnknownIdError } from "./errors.js";
export { checkHttpOptions, type HttpOptions } from "./http/options.js";
export { type HttpServer, serve } from "./http/server.js";
export { type Ending, shutDown } from "./http/shut-down.js";
export { type LivePage, openLivePage } from "./live/live-page.js";
export { type Looked, look } from "./live/look.js";
export type { LiveCategory, LiveScore, LiveSnapshot, LiveStage } from "./live/snapshot.js";
export { type PredictedBatch, PredictionBatcher } from "./prediction-batcher.js";
export type { Gauge, Gauges, SavedScores, Scores } from "./scores/contract.js";
export type { ServedLearner } from "./served-learner.js";
export {
  type LateLabel,
  type ServedClass,
  type ServedPrediction,
  type ServedValues,
  Service,
  type ServiceCounts,
  type ServiceOptions,
} from "./service.js";
export {
  type SavedSamples,
  type WaitedSample,
  type WaitingLimits,
  WaitingSamples,
} from "./waiting-samples.js";
