import type {
  Labels,
  LearnerOf,
  Observation,
  Prediction,
  RegressionObservation,
  RegressionPrediction,
  Targets,
} from "@ferret-ocl/pipeline";

/** A learner of classes or of values; which of them, its `model.loss` says. */
export type ServedLearner = LearnerOf<
  Labels | Targets,
  Prediction | RegressionPrediction,
  Observation | RegressionObservation
>;
