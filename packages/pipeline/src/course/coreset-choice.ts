import { expected } from "../errors.js";
import type { Batch } from "../execute/algorithm.js";
import { isRegression } from "../model/loss.js";
import { align64 } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { ChoiceRule } from "./choice.js";
import { Coreset, coresetBytes, coresetOperations } from "./coreset.js";

/** Settings of the coreset choice. */
export interface CoresetChoiceOptions {
  /** Milliseconds of a forward pass of one item. */
  readonly predictionTime: number;
  /**
   * Writes the gradient of an item's loss at its logits, size x classes; it need not be exact, nor
   * scaled in any way, but for all items in the same way. Needed for models of classes; in
   * regression it is not called: the gradient is values less targets there.
   */
  readonly gradientAtLogits?: (
    logits: Float32Array,
    labels: Int32Array,
    size: number,
    classes: number,
    gradient: Float32Array,
  ) => void;
}

/**
 * A weighted coreset of the samples that wait, as many as N items have: `Coreset` on the gradients at
 * the logits, by the newest weights. Where no more wait, all are learned as they are; else those
 * that were not chosen are let go of.
 */
export function coresetChoice({
  predictionTime,
  gradientAtLogits,
}: CoresetChoiceOptions): ChoiceRule {
  const gradientOf = (model: Model): Gradient => {
    if (isRegression(model)) return residuals;
    if (typeof gradientAtLogits !== "function")
      throw expected("a function, with a model of classes,", "gradientAtLogits", gradientAtLogits);
    return (logits, { labels, size }, classes, gradient) =>
      gradientAtLogits(logits, labels, size, classes, gradient);
  };
  return {
    weighs: true,
    asksModel: true,
    bytes({ model, batch, waiting }) {
      const points = waiting * batch;
      return { algorithm: coresetBytes(points) + align64(4 * points * model.classes) };
    },
    create({ model, batch, waiting: most, memory, logits }) {
      const { classes } = model;
      const gradientAtOutputs = gradientOf(model);
      const coreset = new Coreset(most * batch, memory);
      const features = memory.floats("algorithm", most * batch * classes);
      const length = batch * classes;
      const gradients = Array.from({ length: most }, (_, place) =>
        features.subarray(place * length, (place + 1) * length),
      );
      const speed = (batch * operations(model)) / predictionTime;
      return {
        usesUpAll: true,
        weights: coreset.weights,
        choose(waiting, count) {
          const [points, chosen] = [waiting.size * batch, count * batch];
          if (chosen === points) {
            coreset.weights.fill(1, 0, points);
            return;
          }
          for (let place = 0; place < waiting.size; place++) {
            const item = waiting.places[place] as Batch;
            const own = gradients[place] as Float32Array;
            gradientAtOutputs(logits(item), item, classes, own);
          }
          coreset.choose(features, points, classes, chosen);
          for (let place = 0; place < chosen; place++) {
            // In ascending order, so that no exchange moves one that is still to come.
            waiting.exchangeSamples(place, coreset.chosen[place] as number);
            // Weights of mean 1: the step is as long as one on so many samples.
            coreset.weights[place] = ((coreset.weights[place] as number) * chosen) / points;
          }
        },
        /** A forward pass of all; distances and sums at the speed of the model's own operations. */
        choosingTime(waiting, count) {
          if (waiting === count) return 0;
          const choosing = coresetOperations(waiting * batch, classes, count * batch);
          return waiting * predictionTime + choosing / speed;
        },
      };
    },
  };
}

type Gradient = (
  logits: Float32Array,
  item: Batch,
  classes: number,
  gradient: Float32Array,
) => void;

/** The gradient of a squared error at the values, all by one factor. */
const residuals: Gradient = (values, { targets, size }, outputs, gradient) => {
  for (let index = 0; index < size * outputs; index++)
    gradient[index] = (values[index] as number) - ((targets as Float32Array)[index] as number);
};

/** Floating-point operations of one sample's forward pass. */
function operations({ layers }: Model): number {
  return layers.reduce((sum, layer) => sum + layer.operations, 0);
}
