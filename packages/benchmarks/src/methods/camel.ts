import { softmaxCrossEntropy } from "@ferret-ocl/ocl-algorithms";
import { type Batch, type Model, withAlgorithm } from "@ferret-ocl/pipeline";
import type { VirtualLearner } from "../learners/virtual.js";
import {
  type BSkipOptions,
  type Choice,
  createBSkip,
  defaultSizes,
  skipBytes,
  skipOptions,
} from "./b-skip.js";
import type { Method } from "./contract.js";
import { Coreset, coresetBytes, coresetOperations } from "./coreset.js";
import { prepareSequential, type SequentialCore } from "./sequential.js";
import { withWeights } from "./weighted-loss.js";

interface CamelOptions extends Omit<BSkipOptions, "choice"> {
  /** Milliseconds of a forward pass of one item. */
  readonly predictionTime: number;
}

/**
 * A surrogate of Camel (Li, Shen and Chen 2022, "Camel: Managing Data for Efficient Stream
 * Learning"), whose code we do not have: of the samples that wait, a weighted coreset is learned in
 * the place of all. Ours is `Coreset` on the gradients at the logits, softmax - onehot, by the
 * newest weights, of N items' worth of samples; where no more wait, all are learned as they are.
 * Camel's other part, a buffer of past samples against forgetting, is left to the algorithm (`er`).
 *
 * The samples that were not chosen count as dropped.
 */
export function createCamel(options: CamelOptions): VirtualLearner {
  const { model, ledger, sizes, batch } = options;
  const points = sizes.waiting * batch;
  const coreset = new Coreset(points, ledger);
  const features = ledger.floats("algorithm", points * model.classes);
  return createBSkip({
    ...options,
    algorithm: withWeights(options.algorithm, model.classes, coreset.weights),
    choice: (core) => chooseCoreset(options, core, coreset, features),
  });
}

function chooseCoreset(
  { model, batch, sizes, predictionTime }: CamelOptions,
  { executor }: SequentialCore,
  coreset: Coreset,
  features: Float32Array,
): Choice {
  const { classes } = model;
  const length = batch * classes;
  const gradients = Array.from({ length: sizes.waiting }, (_, place) =>
    features.subarray(place * length, (place + 1) * length),
  );
  const speed = (batch * operations(model)) / predictionTime;
  return {
    usesUpAll: true,
    choose(waiting, count) {
      const [points, chosen] = [waiting.size * batch, count * batch];
      if (chosen === points) {
        coreset.weights.fill(1, 0, points);
        return;
      }
      for (let place = 0; place < waiting.size; place++) {
        const item = waiting.places[place] as Batch;
        const logits = executor.logits(item);
        // Divided by the size of an item, all of them: distances keep their order.
        softmaxCrossEntropy(logits, item.labels, batch, classes, gradients[place] as Float32Array);
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
}

/** Floating-point operations of one sample's forward pass. */
function operations({ layers }: Model): number {
  return layers.reduce((sum, layer) => sum + layer.operations, 0);
}

/** Bytes that the choosing takes. */
function camelBytes(batch: number, classes: number): number {
  const points = defaultSizes.waiting * batch;
  return coresetBytes(points) + Math.ceil((4 * points * classes) / 64) * 64;
}

export const camel: Method = {
  summary:
    "keeps the newest 8 unlearned items and learns a weighted coreset of them, as large as 4 " +
    "(a surrogate)",
  label: () => "Camel",
  isPlanned: false,
  prepare(request) {
    const { setting, model } = request;
    const learning = request.learning(defaultSizes.atOnce);
    const { targetLength = 0 } = learning.needs;
    const weighted = withAlgorithm(learning.profile, { targetLength: targetLength + 1 });
    const { predictionTime } = request.learning(1);
    return prepareSequential(
      request,
      { ...learning, profile: weighted },
      (options) => createCamel({ ...options, ...skipOptions(request), predictionTime }),
      {
        moreBytes: {
          ...skipBytes(request),
          algorithm: camelBytes(setting.batch, model.classes),
        },
      },
    );
  },
};
