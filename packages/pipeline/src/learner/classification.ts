import type { Labels, Observation, Prediction } from "./contract.js";
import { readLabels } from "./read-samples.js";
import { predictionOf } from "./softmax.js";
import type { Task } from "./task.js";

/** Samples have one of so many classes, of each of which the model gives a logit. */
export function classification(classes: number): Task<Labels, Prediction, Observation> {
  return {
    read: (labels, count) => ({ labels: readLabels(labels, count, classes) }),
    predictionOf: (logits) => predictionOf(logits, classes),
    observationOf(logits, { labels }, learned) {
      const prediction = predictionOf(logits, classes);
      let correct = 0;
      prediction.labels.forEach((label, sample) => {
        if (label === labels[sample]) correct++;
      });
      return { ...prediction, correct, learned };
    },
  };
}
