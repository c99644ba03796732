// A learner as a service.
export { describePlan } from "./describe-plan.js";
export { InputError, TakenIdError, UnknownIdError } from "./errors.js";
export type { FollowCounts, Following, FollowOptions } from "./follow/contract.js";
export { type Every, parseEvery } from "./follow/every.js";
export { follow } from "./follow/follow.js";
export { type FollowingSetting, followSetting } from "./follow/open-setting.js";
export {
  type FollowSetting,
  type FollowWords,
  followOptions,
  readFollowOptions,
} from "./follow/options.js";
export { checkHttpOptions, type HttpOptions } from "./http/options.js";
export { serve } from "./http/serve.js";
export type { HttpServer } from "./http/server.js";
export { type Ending, shutDown } from "./http/shut-down.js";
export { type LivePage, openLivePage } from "./live/live-page.js";
export { type Looked, look } from "./live/look.js";
export type { LiveCategory, LiveScore, LiveSnapshot, LiveStage } from "./live/snapshot.js";
export { PeriodicSaves } from "./periodic-saves.js";
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
export type {
  Predicted,
  PredictionSink,
  Source,
  SourceMessage,
  StreamPrediction,
} from "./sources/contract.js";
export type { CsvOptions } from "./sources/csv-line.js";
export { type LinePosition, type LineSourceOptions, lineSource } from "./sources/lines.js";
export { connectNats } from "./sources/nats/connection.js";
export type { PublishedItem } from "./sources/nats/message-format.js";
export { natsPredictions } from "./sources/nats/prediction-sink.js";
export { type Published, type PublishOptions, publishItems } from "./sources/nats/publish.js";
export type { NatsPosition } from "./sources/nats/stream-mark.js";
export { type NatsSourceOptions, natsSource } from "./sources/nats/stream-source.js";
export {
  type SavedSamples,
  type WaitedSample,
  type WaitingLimits,
  WaitingSamples,
} from "./waiting-samples.js";
