import { Allotment } from "../allotment.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  ModelAccess,
  OclAlgorithm,
} from "../contract.js";
import { checkCount, checkNumber } from "../errors.js";
import { distilledCrossEntropy } from "../loss/distillation.js";
import { AlgorithmState } from "../state.js";
import { lwfRegression } from "./lwf-regression.js";
import { vanilla } from "./vanilla.js";

/** The settings that `lwf` takes. */
export const lwfSettings: readonly AlgorithmSetting[] = [
  "alpha",
  "temperature",
  "warmUp",
  "refresh",
];

/**
 * Learning without forgetting (Li and Hoiem 2016), without task boundaries: a teacher, which is the
 * model as it was some items ago, predicts each new item, and the model is kept close to that,
 *
 * ```
 * loss = CE(label, z) + α KL(softmax(t / T) || softmax(z / T))
 * ```
 *
 * with z and t the logits of model and teacher, over the classes seen when the teacher was taken
 * (in regression, see `lwfRegression`).
 * It is taken after `warmUp` items (default 100), and then every `refresh` items (100). On split
 * MNIST, α = 1, 3, 10 and refreshing every 100, 400, 1000 items were tried: a recent teacher that
 * also knows the present task forgets least, and α = 10 keeps a pipeline from learning.
 *
 * In a pipeline the teacher is a copy of the newest versions at the time an item arrives, and its
 * logits travel with the item as targets (-∞ for a class that it had not seen): `loss`, on whatever
 * thread and however late, needs nothing else, and an item in flight keeps the teacher it came
 * with.
 */
export function lwf(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  if (shape.loss === "meanSquaredError") return lwfRegression(shape, options);
  const { alpha = 3, temperature = 2, warmUp = 100, refresh = 100 } = options;
  const { batch, classes, parameterCount } = shape;
  checkNumber("alpha", alpha, { zero: true });
  checkNumber("temperature", temperature);
  checkCount("warmUp", warmUp);
  checkCount("refresh", refresh);
  const memory = new Allotment(options.allocate);
  const teacher = memory.floats("algorithm", parameterCount);
  /** By class: 1 once it was seen; the same when the teacher was taken. */
  const seen = memory.octets("algorithm", classes);
  const known = memory.octets("algorithm", classes);
  const plain = vanilla(shape);
  let model: ModelAccess | undefined;
  let items = 0;
  const state = new AlgorithmState(
    { algorithm: "lwf", shape, options: { alpha, temperature, warmUp, refresh } },
    {
      counts: {
        save: () => [items],
        restore([count]) {
          items = count as number;
        },
      },
      teacher,
      seen,
      known,
    },
  );
  return {
    name: "lwf",
    learnBatch: batch,
    targetLength: classes,
    memoryBytes: memory.bytes,
    passes: { forward: batch, backward: 0 },
    modelBatch: batch,
    attach(access) {
      model = access;
    },
    compose(item, target) {
      const size = plain.compose(item, target);
      if (model && items >= warmUp && (items - warmUp) % refresh === 0) {
        model.readParameters(teacher);
        known.set(seen);
      }
      if (model && items >= warmUp) model.logits(teacher, item.x, size, target.targets);
      for (let sample = 0; sample < size; sample++) {
        const begin = sample * classes;
        let sum = 0;
        for (let label = 0; label < classes; label++)
          sum += target.targets[begin + label] as number;
        // A teacher whose logits are out of range says nothing about the sample.
        const isMute = !Number.isFinite(sum);
        for (let label = 0; label < classes; label++)
          if (isMute || known[label] === 0)
            target.targets[begin + label] = Number.NEGATIVE_INFINITY;
      }
      for (let sample = 0; sample < size; sample++) seen[item.labels[sample] as number] = 1;
      items++;
      return size;
    },
    loss: (logits, { labels, targets, size }, gradient) =>
      distilledCrossEntropy(
        { logits, labels, targets, size, classes, alpha, temperature },
        gradient,
      ),
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
