// A learner as a service.
export { InputError } from "./errors.js";
export type { FollowCounts, Following, FollowOptions } from "./follow/contract.js";
export { type Every, parseEvery } from "./follow/every.js";
export { follow } from "./follow/follow.js";
export { type ServedPrediction, Service, type ServiceOptions } from "./service.js";
export type {
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
