import { softmaxCrossEntropy } from "@ferret-ocl/ocl-algorithms";
import { coresetChoice } from "@ferret-ocl/pipeline/engine";
import type { Method } from "./contract.js";
import { batchSkip, prepareOneStage } from "./one-stage.js";

/**
 * A surrogate of Camel (Li, Shen and Chen 2022, "Camel: Managing Data for Efficient Stream
 * Learning"), whose code we do not have: of the samples that wait, a weighted coreset is learned in
 * the place of all. Ours is on the gradients at the logits, softmax - onehot. Camel's other part, a
 * buffer of past samples against forgetting, is left to the algorithm (`er`).
 *
 * The samples that were not chosen count as dropped.
 */
export const camel: Method = {
  summary:
    "keeps the newest 8 unlearned items and learns a weighted coreset of them, as large as 4 " +
    "(a surrogate)",
  label: () => "Camel",
  isPlanned: false,
  skipsBatches: true,
  prepare(request) {
    const { predictionTime } = request.learning(1);
    // Divided by the size of an item, all of them: distances keep their order.
    const rule = coresetChoice({ predictionTime, gradientAtLogits: softmaxCrossEntropy });
    return prepareOneStage(request, batchSkip(rule, request.setting));
  },
};
