import { Allotment } from "../allotment.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  Batch,
  ModelAccess,
  OclAlgorithm,
} from "../contract.js";
import { checkCount, checkNumber } from "../errors.js";
import { type Objective, objectiveOf } from "../loss/objective.js";
import { Plateau } from "../plateau.js";
import { AlgorithmState } from "../state.js";
import { vanilla } from "./vanilla.js";

/** The settings that `mas` takes. */
export const masSettings: readonly AlgorithmSetting[] = [
  "learningRate",
  "lambda",
  "warmUp",
  "refresh",
];

/**
 * Memory aware synapses (Aljundi et al. 2018; without task boundaries: Aljundi, Kelchtermans and
 * Tuytelaars 2019, "Task-Free Continual Learning"): parameters that the outputs f depend on are
 * held near where they were when the loss last lay on a plateau,
 *
 * ```
 * ω = running mean over items of |∂ (1/size Σ_samples Σ_classes f²) / ∂θ|
 * penalty = λ Σ ω (θ - θ*)², its gradient 2 λ ω (θ - θ*)
 * ```
 *
 * The anchor θ* is the newest model at a plateau of the loss, or after `refresh` items without one;
 * the importance that the penalty uses is taken with it. The mean over a batch before the absolute
 * value, rather than sample by sample, is what one backward pass gives.
 *
 * In a pipeline ω is measured on the newest version when an item arrives, with one forward and one
 * backward pass in addition to the item's own. The penalty is never stale: `regularise` is given
 * the newest parameters. It runs on other threads, on separate objects, so θ* and ω are in shared
 * memory; one that reads while the anchor moves sees some old and some new elements, each valid. No
 * step of the penalty goes past the anchor, whatever λ is.
 */
export function mas(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { lambda = 3, warmUp = 50, refresh = 500, learningRate = 0.05 } = options;
  const { batch, classes, parameterCount } = shape;
  checkNumber("lambda", lambda, { zero: true });
  checkNumber("learningRate", learningRate);
  checkCount("warmUp", warmUp);
  checkCount("refresh", refresh);
  const memory = new Allotment(options.allocate);
  const importance = memory.floats("algorithm", parameterCount);
  const anchor = memory.floats("algorithm", parameterCount);
  /** What the penalty reads: importance when the anchor was taken; 0 before the first. */
  const held = memory.floats("algorithm", parameterCount);
  const parameters = memory.floats("algorithm", parameterCount);
  const gradient = memory.floats("algorithm", parameterCount);
  const plateau = new Plateau();
  const plain = vanilla(shape);
  const objective = objectiveOf(shape);
  let model: ModelAccess | undefined;
  let items = 0;
  let anchoredAt = 0;
  const state = new AlgorithmState(
    { algorithm: "mas", shape, options: { lambda, learningRate, warmUp, refresh } },
    {
      counts: {
        save: () => [items, anchoredAt],
        restore(counts) {
          [items, anchoredAt] = counts as [number, number];
        },
      },
      plateau,
      importance,
      anchor,
      held,
    },
  );
  return {
    name: "mas",
    learnBatch: batch,
    ...objective.traits,
    memoryBytes: memory.bytes,
    passes: { forward: 0, backward: batch },
    modelBatch: batch,
    attach(access) {
      model = access;
    },
    compose(item, target) {
      const size = plain.compose(item, target);
      if (!model) return size;
      let loss = 0;
      model.readParameters(parameters);
      const atLogits = (logits: Float32Array) => {
        loss = slopeOfNorm(logits, item, classes, objective);
      };
      model.gradient(parameters, item.x, size, atLogits, gradient);
      // An item on which the model is out of range must not change the importance for good.
      if (!areFinite(gradient) || !Number.isFinite(loss)) return size;
      items++;
      for (let index = 0; index < parameterCount; index++) {
        const before = importance[index] as number;
        importance[index] = before + (Math.abs(gradient[index] as number) - before) / items;
      }
      const flat = plateau.add(loss);
      if (items >= warmUp && (flat || items - anchoredAt >= refresh)) {
        anchor.set(parameters);
        held.set(importance);
        anchoredAt = items;
      }
      return size;
    },
    loss: plain.loss,
    regularise(offset, gradient, parameters) {
      const most = 1 / learningRate;
      for (let index = 0; index < gradient.length; index++) {
        const stiffness = Math.min(2 * lambda * (held[offset + index] as number), most);
        const away = (parameters[index] as number) - (anchor[offset + index] as number);
        gradient[index] = (gradient[index] as number) + stiffness * away;
      }
    },
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}

/** Whether all of them are finite: 0 times any other value is NaN. */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index] as number) * 0;
  return sum === 0;
}

/** Writes the gradient of 1/size Σ f² over the outputs f. Returns their mean loss. */
function slopeOfNorm(
  logits: Float32Array,
  item: Batch,
  classes: number,
  objective: Objective,
): number {
  const { size } = item;
  let loss = 0;
  for (let sample = 0; sample < size; sample++) loss += objective.lossOf(logits, item, sample);
  for (let index = 0; index < size * classes; index++)
    logits[index] = (2 * (logits[index] as number)) / size;
  return loss / size;
}
