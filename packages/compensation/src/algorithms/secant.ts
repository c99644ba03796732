import type { Compensator } from "../contract.js";
import { secantKernelsOf } from "../kernels/secant.js";
import { method, positive } from "../method.js";
import { filled } from "../parameters.js";
import { secant as onTensors } from "../tensor/secant.js";
import { blockViews, cutBlocks } from "./parameter-blocks.js";
import { type SecantAverages, SecantBlock, secantNumbers } from "./secant-block.js";

/** Settings of `secant`. */
export interface SecantOptions {
  /**
   * How far ahead of descent weights are published, in staleness, >= 0; 0: nowhere. Default 1.3, for
   * descent whose parameters are all equally late. In pipelines 0 was measured to be better.
   */
  readonly leadReach?: number;
}

interface SecantState {
  readonly blocks: readonly SecantBlock[];
  readonly cut: (vector: Float32Array) => readonly Float32Array[];
}

/**
 * Carries late gradients to the newest weights with the curvature that it measures, and publishes
 * weights ahead, where those in flight will have brought them (ours).
 *
 * ```
 *        theta of the late gradient     descent, now        newest
 *              |--------------- d --------------|---- e ----->|
 * ```
 *
 * Repair. A gradient differs from a moving average of gradients by y where the weights that it was
 * computed with differ from theirs by s, see `SecantKernels`. Of these a matrix has two curvatures h,
 * one along the direction, one beside it, see `SecantBlock`, and where lr h tau > 0.7 a late
 * gradient becomes g + h d: on a quadratic of curvature h the exact one; where h is too large a step
 * shorter by 1 + lr h tau.
 *
 * Turn. Whether h was right shows afterwards, in the cosine of gradients with the way that weights
 * had gone: above 0 they have gone too far, and h is taken for larger; below 0 they could have gone
 * further, and h is taken for smaller beside the direction, the lead for longer.
 *
 * Lead. Gradients are computed with weights that are about to change, so those of the future are
 * published: ahead by e, what tau steps along the average of gradients come to where curvature
 * lets them, less what of it is noise. Descent itself is not touched: the gradient that is handed
 * out moves the published weights from the old lead to the new one. That holds where steps are
 * `learningRate` times the gradient; behind another optimizer nothing is published ahead.
 *
 * Until weights have moved, tau gradients in a row ask for the same first steps. They are held so
 * short that the weights move by about a twelfth of their norm in tau updates, along the
 * direction, where most of that would go, by less.
 */
export const secant = method<SecantOptions>({
  name: "secant",
  options: { leadReach: positive(1.3) },
  floatsMoved: 18,
  stalenessCost: 0.1,
  stalenessCostBehind: { momentum: 0.2, adam: 0.2 },
  create: (kernels, { leadReach }): Compensator<SecantState> => ({
    name: "secant",
    staysFinite: true,
    stateVectors: 2,
    takesGroups: false,
    init(parameters) {
      const { parameterCount, matrices, allocate, numbers } = filled(parameters);
      const secantKernels = secantKernelsOf(kernels);
      const blocks = cutBlocks(parameterCount, matrices);
      const cut = blockViews(blocks);
      const averages = Array.from({ length: 2 }, () => cut(allocate(parameterCount)));
      const averagesOf = (index: number) =>
        averages.map((each) => each[index]) as unknown as SecantAverages;
      return {
        blocks: blocks.map(
          (block, index) =>
            new SecantBlock(
              block,
              averagesOf(index),
              numbers(secantNumbers(block), block),
              secantKernels,
              leadReach,
            ),
        ),
        cut,
      };
    },
    update(late) {
      const { gradient, versions, state } = late;
      const { blocks, cut } = state;
      const gradients = cut(gradient);
      const nows = cut(versions[versions.length - 1] as Float32Array);
      const thens = cut(versions[0] as Float32Array);
      for (let index = 0; index < blocks.length; index++)
        (blocks[index] as SecantBlock).update(
          gradients[index] as Float32Array,
          nows[index] as Float32Array,
          thens[index] as Float32Array,
          late,
        );
      return gradient;
    },
  }),
  onTensors,
});
