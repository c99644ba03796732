import { createCrossEntropy } from "../cross-entropy.mjs";

/**
 * What was composed in this thread: by batch, the first value of every sample, and the predictions
 * that had been reported by then.
 *
 * @type {{ values: number[], reported: number }[]}
 */
export const batches = [];

/** To be counted by who listens to them. */
export const predictions = { reported: 0 };

/**
 * The same, and it notes what it is handed.
 *
 * @param {{ batch: number, classes: number }} shape
 */
export function createNoted(shape) {
  const plain = createCrossEntropy("learn", shape);
  return {
    ...plain,
    compose(item, target) {
      const width = target.x.length / shape.batch;
      const values = Array.from({ length: item.size }, (_, sample) => item.x[sample * width]);
      batches.push({ values, reported: predictions.reported });
      return plain.compose(item, target);
    },
  };
}
