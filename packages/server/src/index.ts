// A learner as a service.
export { describePlan } from "./describe-plan.js";
export { InputError, TakenIdError, UnknownIdError } from "./errors.js";
export type { FollowCounts, Following, FollowOptions } from "./follow/contract.js";
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
export { Service } from "./service.js";
export type {
  LateLabel,
  ServedClass,
  ServedPrediction,
  ServedValues,
  ServiceCounts,
  ServiceOptions,
} from "./service-contract.js";
export type {
  Predicted,
  PredictionSink,
  Source,
  SourceMessage,
  StreamPrediction,
} from "./sources/contract.js";
export type { CsvOptions } from "./sources/csv-line.js";
export { type LinePosition, type LineSourceOptions, lineSource } from "./sources/lines.js";
export { connectNats, natsPredictions, natsSource, publishItems } from "./sources/nats/lazy.js";
export type { PublishedItem } from "./sources/nats/message-format.js";
export type { Published, PublishOptions } from "./sources/nats/publish.js";
export type { NatsPosition } from "./sources/nats/stream-mark.js";
export type { NatsSourceOptions } from "./sources/nats/stream-source.js";
export {
  type SavedSamples,
  type WaitedSample,
  type WaitingLimits,
  WaitingSamples,
} from "./waiting-samples.js";
