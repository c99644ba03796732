import { Reservoir } from "../buffer/reservoir.js";
import type { AlgorithmOptions, AlgorithmShape, OclAlgorithm } from "../contract.js";
import { checkCount } from "../errors.js";
import { Random } from "../random.js";
import { vanilla } from "./vanilla.js";

/**
 * Experience replay (Chaudhry et al. 2019, "On Tiny Episodic Memories in Continual Learning"):
 * every item is learned together with as many samples drawn from a reservoir of the past, under
 * one mean loss.
 *
 * Under a pipeline the buffer is written when an item is taken in, so items that are dropped are
 * not remembered either, and a replayed sample may still be in flight itself: harmless, as its
 * gradient is as stale as its neighbours'.
 */
export function er(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { seed, replay = 16, capacity = 500 } = options;
  const allocate = options.allocate ?? ((_, bytes) => new ArrayBuffer(bytes));
  checkCount("replay", replay);
  checkCount("capacity", capacity);
  const random = new Random(seed);
  const reservoir = new Reservoir(capacity, shape.inputLength, random, allocate);
  const plain = vanilla(shape);
  return {
    name: "er",
    learnBatch: shape.batch + replay,
    memoryBytes: { replay: reservoir.bytes, algorithm: 0 },
    compose(item, target) {
      const size = plain.compose(item, target);
      const drawn = reservoir.draw(replay, target, size);
      // After the draw: an item is never replayed beside itself.
      reservoir.add(item);
      return size + drawn;
    },
    loss: plain.loss,
    save: () => ({ random: random.state, reservoir: reservoir.save() }),
    restore(saved) {
      const { random: state, reservoir: kept } = saved as {
        random: number;
        reservoir: ReturnType<Reservoir["save"]>;
      };
      random.state = state;
      reservoir.restore(kept);
    },
  };
}
