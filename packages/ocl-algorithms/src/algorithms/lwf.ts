import { Allotment } from "../allotment.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  ModelAccess,
  OclAlgorithm,
} from "../contract.js";
import { checkNumber } from "../errors.js";
import { crossEntropyOf } from "../loss/cross-entropy.js";
import { distilledCrossEntropy } from "../loss/distillation.js";
import { AlgorithmState } from "../state.js";
import { createTeacher } from "../teacher.js";
import { lwfRegression } from "./lwf-regression.js";
import { vanilla } from "./vanilla.js";

/** The settings that `lwf` takes. */
export const lwfSettings: readonly AlgorithmSetting[] = [
  "alpha",
  "temperature",
  "snapshotAt",
  "warmUp",
  "refresh",
];

/**
 * Learning without forgetting (Li and Hoiem 2016), without task boundaries: a teacher, which is the
 * model as it was at the last boundary, predicts each new item, and the model is kept close to that,
 *
 * ```
 * loss = CE(label, z) + α KL(softmax(t / T) || softmax(z / T))
 * ```
 *
 * with z and t the logits of model and teacher, over the classes learned when the teacher was taken
 * (in regression, see `lwfRegression`).
 *
 * Boundaries are told by the loss (`BoundaryDetector`): where it rises after a plateau, the model from
 * that plateau becomes the teacher; before the first one there is none. With `snapshotAt: "interval"`
 * the teacher is the model after `warmUp` items (default 100), and then after every `refresh` (100).
 *
 * In a pipeline the teacher is a copy of the newest versions at the time an item arrives, and its
 * logits travel with the item as targets (-∞ for a class that it had not learned): `loss`, on whatever
 * thread and however late, needs nothing else, and an item in flight keeps the teacher it came with.
 * What `loss` tells in return, losses and classes, goes through shared memory.
 */
export function lwf(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  if (shape.loss === "meanSquaredError") return lwfRegression(shape, options);
  const { alpha = 3, temperature = 2 } = options;
  const { batch, classes } = shape;
  checkNumber("alpha", alpha, { zero: true });
  checkNumber("temperature", temperature);
  const memory = new Allotment(options.allocate);
  const teacher = createTeacher(shape, options, classes, memory);
  const plain = vanilla(shape);
  let model: ModelAccess | undefined;
  const state = new AlgorithmState(
    { algorithm: "lwf", shape, options: { alpha, temperature, ...teacher.options } },
    teacher.parts(),
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
      const speaks = model !== undefined && teacher.renew(model);
      if (!speaks) {
        target.targets.fill(Number.NEGATIVE_INFINITY, 0, size * classes);
        return size;
      }
      model?.logits(teacher.parameters, item.x, size, target.targets);
      for (let sample = 0; sample < size; sample++) {
        const begin = sample * classes;
        let sum = 0;
        for (let label = 0; label < classes; label++)
          sum += target.targets[begin + label] as number;
        // A teacher whose logits are out of range says nothing about the sample.
        const isMute = !Number.isFinite(sum);
        for (let label = 0; label < classes; label++)
          if (isMute || teacher.known[label] === 0)
            target.targets[begin + label] = Number.NEGATIVE_INFINITY;
      }
      return size;
    },
    loss(logits, { labels, targets, size }, gradient) {
      let own = 0;
      // Before the gradient may overwrite the logits.
      for (let sample = 0; sample < size; sample++)
        own += crossEntropyOf(logits, sample, labels[sample] as number, classes) / size;
      teacher.learn(labels, size, own);
      return distilledCrossEntropy(
        { logits, labels, targets, size, classes, alpha, temperature },
        gradient,
      );
    },
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
