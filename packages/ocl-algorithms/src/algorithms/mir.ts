import { Allotment } from "../allotment.js";
import { ReplayBuffer } from "../buffer/replay-buffer.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  Batch,
  ModelAccess,
  OclAlgorithm,
} from "../contract.js";
import { copySamples } from "../copy-samples.js";
import { checkCount, checkNumber, checkReplay } from "../errors.js";
import { plainKernels } from "../kernels.js";
import { objectiveOf } from "../loss/objective.js";
import { replayObjective } from "../loss/replay-loss.js";
import { Random } from "../random.js";
import { AlgorithmState } from "../state.js";
import { vanilla } from "./vanilla.js";

/** The settings that `mir` takes. */
export const mirSettings: readonly AlgorithmSetting[] = [
  "replay",
  "capacity",
  "buffer",
  "pixels",
  "replayLoss",
  "candidates",
  "learningRate",
];

/**
 * Maximally interfered retrieval (Aljundi et al. 2019, "Online Continual Learning with Maximally
 * Interfered Retrieval", MI-1): as `er`, but of some candidates drawn from the buffer it replays
 * those whose loss the item is about to raise most,
 *
 * ```
 * θ' = θ - lr ∂CE(θ; item)/∂θ
 * score(c) = CE(θ'; c) - CE(θ; c)
 * ```
 *
 * with CE the cross entropy; in regression, the squared error.
 *
 * If the buffer holds no more samples than are replayed, all are replayed, and nothing is computed.
 *
 * In a pipeline θ is the newest version when the item arrives, neither the one that its forward
 * pass will use nor the one that its gradient will change: the scores say what would interfere now,
 * a few updates early. Only `compose` computes, on one thread; all that it needs is in its own
 * buffers.
 */
export function mir(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { seed, replay = 16, capacity = 500, candidates = 50, learningRate = 0.05 } = options;
  const { buffer: kind = "reservoir", pixels = false, replayLoss = "sum" } = options;
  const { batch, inputLength, classes, parameterCount } = shape;
  checkReplay(replay, batch);
  checkCount("candidates", candidates, replay);
  checkNumber("learningRate", learningRate);
  const memory = new Allotment(options.allocate);
  const random = new Random(seed);
  const objective = objectiveOf(shape);
  const { targetLength } = objective;
  const learnBatch = batch + replay;
  const learned = replayObjective(shape, replayLoss, learnBatch);
  const buffer = new ReplayBuffer({ ...shape, ...options, capacity, targetLength }, random, memory);
  const parameters = memory.floats("algorithm", parameterCount);
  const virtual = memory.floats("algorithm", parameterCount);
  const logits = memory.floats("algorithm", candidates * classes);
  const before = memory.doubles("algorithm", candidates);
  const scores = memory.doubles("algorithm", candidates);
  const drawn = {
    x: memory.floats("algorithm", candidates * inputLength),
    ...(targetLength > 0
      ? {
          labels: new Int32Array(0),
          targets: memory.floats("algorithm", candidates * targetLength),
        }
      : { labels: memory.integers("algorithm", candidates) }),
    size: 0,
  };
  const state = new AlgorithmState(
    {
      algorithm: "mir",
      shape,
      options: { replay, capacity, buffer: kind, pixels, replayLoss, candidates, learningRate },
    },
    { random, ...buffer.parts() },
  );
  const plain = vanilla(shape);
  let model: ModelAccess | undefined;

  /** The virtual step on an item. */
  function step(access: ModelAccess, { x, size }: Batch, atLogits: (of: Float32Array) => void) {
    if (access.descend) {
      access.descend(parameters, x, size, atLogits, virtual, learningRate);
      return;
    }
    access.gradient(parameters, x, size, atLogits, virtual);
    (access.kernels ?? plainKernels).sgd(virtual, parameters, virtual, learningRate);
  }

  /** Loss of every candidate at some parameters. */
  function lossesAt(access: ModelAccess, at: Float32Array, losses: Float64Array): void {
    access.logits(at, drawn.x, drawn.size, logits);
    for (let sample = 0; sample < drawn.size; sample++)
      losses[sample] = objective.lossOf(logits, drawn, sample);
  }

  return {
    name: "mir",
    learnBatch,
    ...learned.traits,
    memoryBytes: memory.bytes,
    passes: { forward: 2 * candidates, backward: batch },
    modelBatch: Math.max(batch, candidates),
    attach(access) {
      model = access;
    },
    compose(item, target) {
      const size = plain.compose(item, target);
      if (buffer.size <= replay || !model) {
        const all = buffer.draw(replay, target, size);
        buffer.add(item);
        learned.weigh(target.targets, size, size + all);
        return size + all;
      }
      drawn.size = buffer.draw(candidates, drawn, 0);
      buffer.add(item);
      model.readParameters(parameters);
      const atLogits = (of: Float32Array) => {
        objective.loss(of, item, of);
      };
      step(model, item, atLogits);
      lossesAt(model, parameters, before);
      lossesAt(model, virtual, scores);
      for (let sample = 0; sample < drawn.size; sample++) {
        const rise = (scores[sample] as number) - (before[sample] as number);
        // NaN if the model is out of range on a sample: that says nothing about it.
        scores[sample] = Number.isNaN(rise) ? 0 : rise;
      }
      for (let place = size; place < size + replay; place++) {
        const chosen = largest(scores, drawn.size);
        copySamples(drawn.x, chosen, target.x, place, 1, inputLength);
        objective.copy(drawn, chosen, target, place);
        scores[chosen] = Number.NEGATIVE_INFINITY;
      }
      learned.weigh(target.targets, size, size + replay);
      return size + replay;
    },
    loss: learned.loss,
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}

/** Index of the largest of the first `count` values; the first one of equals. */
function largest(values: Float64Array, count: number): number {
  let best = 0;
  for (let index = 1; index < count; index++)
    if ((values[index] as number) > (values[best] as number)) best = index;
  return best;
}
