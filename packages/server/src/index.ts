// A learner as a service.
export { InputError } from "./errors.js";
export { type LivePage, openLivePage } from "./live/live-page.js";
export { type Looked, look } from "./live/look.js";
export type { LiveCategory, LiveScore, LiveSnapshot, LiveStage } from "./live/snapshot.js";
export { type ServedPrediction, Service, type ServiceOptions } from "./service.js";
