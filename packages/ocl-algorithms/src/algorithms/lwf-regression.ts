import { Allotment } from "../allotment.js";
import type { AlgorithmOptions, AlgorithmShape, ModelAccess, OclAlgorithm } from "../contract.js";
import { checkCount, checkNumber, InputError } from "../errors.js";
import { distilledSquaredError } from "../loss/mean-squared-error.js";
import { AlgorithmState } from "../state.js";
import { vanilla } from "./vanilla.js";

/**
 * `lwf` in regression: the teacher's outputs t are targets beside the item's own, y,
 *
 * ```
 * loss = MSE(y, z) + α MSE(t, z)
 * ```
 *
 * so that the model is drawn to (y + α t) / (1 + α). α is 1 by default; no data chose it. There are
 * no classes that a teacher may not have seen: it is asked for all outputs from `warmUp` on.
 */
export function lwfRegression(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm {
  const { alpha = 1, temperature, warmUp = 100, refresh = 100 } = options;
  const { batch, classes: outputs, parameterCount } = shape;
  if (temperature !== undefined)
    throw new InputError(
      `Expected no temperature with loss "meanSquaredError" but received ${temperature}; it is of ` +
        "a softmax, so leave it out",
    );
  checkNumber("alpha", alpha, { zero: true });
  checkCount("warmUp", warmUp);
  checkCount("refresh", refresh);
  const memory = new Allotment(options.allocate);
  const teacher = memory.floats("algorithm", parameterCount);
  const plain = vanilla(shape);
  /** Behind the targets of a whole batch. */
  const teacherOffset = batch * outputs;
  let model: ModelAccess | undefined;
  let items = 0;
  const state = new AlgorithmState(
    { algorithm: "lwf", shape, options: { alpha, warmUp, refresh } },
    {
      counts: {
        save: () => [items],
        restore([count]) {
          items = count as number;
        },
      },
      teacher,
    },
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
      const speaks = model !== undefined && items >= warmUp;
      if (model && speaks) {
        if ((items - warmUp) % refresh === 0) model.readParameters(teacher);
        // To the front, which the item's own targets take after that.
        model.logits(teacher, item.x, item.size, targets);
      }
      for (let index = 0; index < length; index++) {
        const told = targets[index] as number;
        // A teacher that has run out of range has nothing to say.
        targets[teacherOffset + index] =
          speaks && Number.isFinite(told) ? told : Number.NEGATIVE_INFINITY;
      }
      items++;
      return plain.compose(item, target);
    },
    loss: (values, { targets, size }, gradient) =>
      distilledSquaredError({ values, targets, teacherOffset, size, outputs, alpha }, gradient),
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
