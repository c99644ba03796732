import { Allotment } from "../allotment.js";
import type { AlgorithmOptions, AlgorithmShape, ModelAccess, OclAlgorithm } from "../contract.js";
import { checkNumber, InputError } from "../errors.js";
import { distilledSquaredError, squaredErrorOf } from "../loss/mean-squared-error.js";
import { AlgorithmState } from "../state.js";
import { createTeacher } from "../teacher.js";
import { vanilla } from "./vanilla.js";

/**
 * `lwf` in regression: the teacher's outputs t are targets beside the item's own, y,
 *
 * ```
 * loss = MSE(y, z) + α MSE(t, z)
 * ```
 *
 * so that the model is drawn to (y + α t) / (1 + α). α is 1 by default; no data chose it. There are
 * no classes that a teacher may not have learned: as soon as there is one, it is asked for all outputs.
 */
export function lwfRegression(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { alpha = 1, temperature } = options;
  const { batch, classes: outputs } = shape;
  if (temperature !== undefined)
    throw new InputError(
      `Expected no temperature with loss "meanSquaredError" but received ${temperature}; it is of ` +
        "a softmax, so leave it out",
    );
  checkNumber("alpha", alpha, { zero: true });
  const memory = new Allotment(options.allocate);
  const teacher = createTeacher(shape, options, 0, memory);
  const plain = vanilla(shape);
  /** Behind the targets of a whole batch. */
  const teacherOffset = batch * outputs;
  let model: ModelAccess | undefined;
  const state = new AlgorithmState(
    { algorithm: "lwf", shape, options: { alpha, ...teacher.options } },
    teacher.parts(),
  );
  return {
    name: "lwf",
    learnBatch: batch,
    targetLength: 2 * outputs,
    learnsTargets: true,
    memoryBytes: memory.bytes,
    passes: { forward: batch, backward: 0 },
    modelBatch: batch,
    attach(access) {
      model = access;
    },
    compose(item, target) {
      const { targets } = target;
      const length = item.size * outputs;
      const speaks = model !== undefined && teacher.renew(model);
      // To the front, which the item's own targets take after that.
      if (speaks) model?.logits(teacher.parameters, item.x, item.size, targets);
      for (let index = 0; index < length; index++) {
        const told = targets[index] as number;
        // A teacher that has run out of range has nothing to say.
        targets[teacherOffset + index] =
          speaks && Number.isFinite(told) ? told : Number.NEGATIVE_INFINITY;
      }
      return plain.compose(item, target);
    },
    loss(values, { labels, targets, size }, gradient) {
      let own = 0;
      // Before the gradient may overwrite the values.
      for (let sample = 0; sample < size; sample++)
        own += squaredErrorOf(values, targets, sample, outputs) / size;
      teacher.learn(labels, size, own);
      return distilledSquaredError(
        { values, targets, teacherOffset, size, outputs, alpha },
        gradient,
      );
    },
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
