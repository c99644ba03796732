import { Allotment } from "../allotment.js";
import { createAnchor } from "../anchor.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  Batch,
  ModelAccess,
  OclAlgorithm,
} from "../contract.js";
import { checkNumber } from "../errors.js";
import { plainKernels } from "../kernels.js";
import { type Objective, objectiveOf } from "../loss/objective.js";
import { AlgorithmState } from "../state.js";
import { vanilla } from "./vanilla.js";

/** The settings that `mas` takes. */
export const masSettings: readonly AlgorithmSetting[] = [
  "learningRate",
  "lambda",
  "snapshotAt",
  "warmUp",
  "refresh",
];

/**
 * Memory aware synapses (Aljundi et al. 2018; without task boundaries: Aljundi, Kelchtermans and
 * Tuytelaars 2019, "Task-Free Continual Learning"): parameters that the outputs f depend on are
 * held near where they were at the last boundary,
 *
 * ```
 * ω = running mean over items of |∂ (1/size Σ_samples Σ_classes f²) / ∂θ|
 * penalty = λ Σ ω (θ - θ*)², its gradient 2 λ ω (θ - θ*)
 * ```
 *
 * The mean over a batch before the absolute value, rather than sample by sample, is what one
 * backward pass gives.
 *
 * Boundaries are told by the loss (`BoundaryDetector`): where it rises after a plateau, the model from
 * that plateau becomes the anchor θ*; before the first one nothing is held. With
 * `snapshotAt: "plateau"` it is the newest model at each plateau of the loss (after `warmUp` items,
 * default 50), or after `refresh` items (500) without one. The importance that the penalty uses is
 * taken with the anchor.
 *
 * In a pipeline ω is measured on the newest version when an item arrives, with one forward and one
 * backward pass in addition to the item's own. The penalty is never stale: `regularise` is given
 * the newest parameters. It runs on other threads, on separate objects, so θ* and ω are in shared
 * memory; one that reads while the anchor moves sees some old and some new elements, each valid. No
 * step of the penalty goes past the anchor, whatever λ is: without that the authors' rule diverges.
 */
export function mas(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { lambda = 3, learningRate = 0.05 } = options;
  const { batch, classes, parameterCount } = shape;
  checkNumber("lambda", lambda, { zero: true });
  checkNumber("learningRate", learningRate);
  const memory = new Allotment(options.allocate);
  const importance = memory.floats("algorithm", parameterCount);
  const anchor = createAnchor(shape, options, memory);
  /** What the penalty reads: importance when the anchor was taken. */
  const held = memory.floats("algorithm", parameterCount);
  /** 1 once there is an anchor. */
  const holds = memory.integers("algorithm", 1);
  const parameters = memory.floats("algorithm", parameterCount);
  const gradient = memory.floats("algorithm", parameterCount);
  const plain = vanilla(shape);
  const objective = objectiveOf(shape);
  const parts = new Parts(anchor.parameters, held);
  let model: ModelAccess | undefined;
  let items = 0;
  const state = new AlgorithmState(
    { algorithm: "mas", shape, options: { lambda, learningRate, ...anchor.options } },
    {
      counts: {
        save: () => [items],
        restore([count]) {
          items = count as number;
        },
      },
      ...{ importance, held, holds },
      ...anchor.parts(),
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
      const kernels = model.kernels ?? plainKernels;
      // An item on which the model is out of range must not change the importance for good.
      if (!Number.isFinite(kernels.squaredNorm(gradient)) || !Number.isFinite(loss)) return size;
      items++;
      if (kernels.magnitudeAverage) kernels.magnitudeAverage(importance, gradient, 1 / items);
      else plainKernels.magnitudeAverage(importance, gradient, 1 / items);
      if (anchor.renew(loss, parameters)) {
        held.set(importance);
        holds[0] = 1;
      }
      return size;
    },
    loss: plain.loss,
    regularise(offset, gradient, newest, kernels = plainKernels) {
      if (holds[0] === 0) return;
      const { anchor, held } = parts.at(offset, gradient.length);
      const most = 1 / learningRate;
      if (kernels.pull) kernels.pull(gradient, newest, anchor, held, 2 * lambda, most);
      else plainKernels.pull(gradient, newest, anchor, held, 2 * lambda, most);
    },
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}

/** Anchor and importance of a part of the parameters. */
interface Part {
  readonly anchor: Float32Array;
  readonly held: Float32Array;
}

/** Makes each part of two vectors once. */
class Parts {
  readonly #whole: Part;
  /** By offset. */
  readonly #known = new Map<number, Part>();

  constructor(anchor: Float32Array, held: Float32Array) {
    this.#whole = { anchor, held };
  }

  at(offset: number, length: number): Part {
    const known = this.#known.get(offset);
    if (known?.held.length === length) return known;
    const { anchor, held } = this.#whole;
    const end = offset + length;
    const part = { anchor: anchor.subarray(offset, end), held: held.subarray(offset, end) };
    this.#known.set(offset, part);
    return part;
  }
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
