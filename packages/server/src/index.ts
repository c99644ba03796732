// A learner as a service.
export { InputError } from "./errors.js";
export { type ServedPrediction, Service, type ServiceOptions } from "./service.js";
