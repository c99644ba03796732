import type { LearningAlgorithm } from "../execute/algorithm.js";
import type { Cells } from "../memory/cells.js";
import type { Memory } from "../memory/memory.js";
import { isRegression } from "../model/loss.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { Admission, AdmissionOutline } from "./admission.js";
import { BatchSkipCourse } from "./batch-skip.js";
import type { Choice } from "./choice.js";
import type { CourseParts } from "./contract.js";
import { OneStageCourse } from "./one-stage.js";
import { WaitingItems } from "./waiting-items.js";
import { withWeights } from "./weighted-loss.js";

/** What only whoever brings the items has of a run of one stage. */
export interface Admitter {
  readonly admission: Admission;
  /** Where what waits, and what choices keep, is allocated. */
  readonly memory: Memory;
}

/**
 * How a course of one stage is made, and the algorithm for its executor: where samples have weights,
 * its loss weighs them.
 * @param admitter null on threads that only learn.
 */
export function buildOneStage(
  admitter: Admitter | null,
  {
    outline: { atOnce, weighs },
    model,
    batch,
    algorithm,
  }: {
    readonly outline: AdmissionOutline;
    readonly model: Model;
    /** Samples of an item. */
    readonly batch: number;
    readonly algorithm: LearningAlgorithm;
  },
): {
  readonly algorithm: LearningAlgorithm;
  course(parts: CourseParts, cells: Cells): OneStageCourse;
} {
  let choice: Choice | null = null;
  const weights = () => choice?.weights as Float32Array;
  return {
    algorithm: weighs ? withWeights(algorithm, model.classes, weights) : algorithm,
    course(parts, cells) {
      if (admitter?.admission.kind !== "batch-skip")
        return new OneStageCourse(parts, cells, atOnce * batch);
      const { memory, admission } = admitter;
      const { waiting, rule } = admission;
      const { executor } = parts;
      const inputLength = elementCount(model.inputShape);
      const outputs = isRegression(model) ? model.classes : undefined;
      const items = new WaitingItems({ capacity: waiting, batch, inputLength, outputs }, memory);
      const logits = executor.logits.bind(executor);
      choice = rule.create({ model, batch, waiting, memory, logits });
      return new BatchSkipCourse(parts, cells, { waiting: items, choice, atOnce });
    },
  };
}
