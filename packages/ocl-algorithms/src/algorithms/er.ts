import { Allotment } from "../allotment.js";
import { ReplayBuffer } from "../buffer/replay-buffer.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  OclAlgorithm,
} from "../contract.js";
import { checkReplay } from "../errors.js";
import { objectiveOf } from "../loss/objective.js";
import { replayObjective } from "../loss/replay-loss.js";
import { Random } from "../random.js";
import { AlgorithmState } from "../state.js";
import { vanilla } from "./vanilla.js";

/** The settings that `er` takes. */
export const erSettings: readonly AlgorithmSetting[] = [
  "replay",
  "capacity",
  "buffer",
  "pixels",
  "replayLoss",
];

/**
 * Experience replay (Chaudhry et al. 2019, "On Tiny Episodic Memories in Continual Learning"):
 * every item is learned together with as many samples drawn from a buffer of the past, under one
 * mean loss.
 *
 * In a pipeline the buffer is written when an item is taken in, so dropped items are not remembered
 * either, and a replayed sample may itself still be in flight. That is harmless, since its gradient
 * is as stale as its neighbours'.
 */
export function er(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { seed, replay = 16, capacity = 500, replayLoss = "mean" } = options;
  checkReplay(replay, shape.batch);
  const memory = new Allotment(options.allocate);
  const random = new Random(seed);
  const learnBatch = shape.batch + replay;
  const { targetLength } = objectiveOf(shape);
  const objective = replayObjective(shape, replayLoss, learnBatch);
  const buffer = new ReplayBuffer({ ...shape, ...options, capacity, targetLength }, random, memory);
  const { buffer: kind = "reservoir", pixels = false } = options;
  const state = new AlgorithmState(
    { algorithm: "er", shape, options: { replay, capacity, buffer: kind, pixels, replayLoss } },
    { random, ...buffer.parts() },
  );
  const plain = vanilla(shape);
  return {
    name: "er",
    learnBatch,
    ...objective.traits,
    memoryBytes: memory.bytes,
    compose(item, target) {
      const size = plain.compose(item, target);
      const drawn = buffer.draw(replay, target, size);
      // After the draw: an item is never replayed together with itself.
      buffer.add(item);
      objective.weigh(target.targets, size, size + drawn);
      return size + drawn;
    },
    loss: objective.loss,
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
