import type { Compensator, LateGradient } from "../contract.js";
import { method } from "../method.js";
import { filled } from "../parameters.js";
import { blockViews, cutBlocks } from "./parameter-blocks.js";
import { type RankOneBlock, rankOneBlock } from "./rank-one-block.js";

interface RankOneState {
  readonly blocks: readonly RankOneBlock[];
  readonly cut: (vector: Float32Array) => readonly Float32Array[];
}

/**
 * Carries late gradients to the newest weights along one direction of each matrix, by the curvature
 * that it measures there (ours): `secant` without its vectors. Where a late gradient does harm is
 * where curvature is large, and of a layer's loss that is so along the mean activation, see
 * `SecantBlock`. So only what a matrix has along it is followed, a few numbers a column:
 *
 * ```
 * u        about the leading left singular vector of the gradients, a number a row
 * g_u      u^T g                    d_u      u^T (newest - origin), with what waits in a group
 * x        where descent is along u, so the gradient was computed at x - d_u
 * y, s     how far a fast and a slow moving average of g_u, and of x - d_u, are apart
 * h        E<s, y> / E<s, s>
 * ```
 *
 * Along u the gradient becomes what `secant` makes of it, g_u + h d_u where lr h tau > 0.7; beside
 * u, and where there is no matrix, it is scaled by 1 / (1 + 2 lr tau), as by `delay-adaptive`.
 * Until curvature is known, steps along u are held short.
 */
export const rankOne = method({
  name: "rank-one",
  options: {},
  floatsMoved: 8,
  stalenessCost: 0.2,
  stalenessCostBehind: { momentum: 0.5, adam: 0.5 },
  create: (kernels): Compensator<RankOneState> => ({
    name: "rank-one",
    staysFinite: true,
    stateVectors: 0,
    init(parameters) {
      const { parameterCount, matrices, numbers } = filled(parameters);
      const blocks = cutBlocks(parameterCount, matrices);
      return {
        blocks: blocks.map((block) => rankOneBlock(block, numbers, kernels)),
        cut: blockViews(blocks),
      };
    },
    update(late) {
      repair(late.gradient, late, 0);
      return late.gradient;
    },
    step(late) {
      repair(late.destination, late, late.learningRate);
    },
  }),
});

function repair(destination: Float32Array, late: LateGradient<RankOneState>, step: number): void {
  const { gradient, versions, state } = late;
  const { blocks, cut } = state;
  const destinations = cut(destination);
  const gradients = cut(gradient);
  const nows = cut(versions[versions.length - 1] as Float32Array);
  const thens = cut(versions[0] as Float32Array);
  for (let index = 0; index < blocks.length; index++)
    (blocks[index] as RankOneBlock).repair(
      destinations[index] as Float32Array,
      gradients[index] as Float32Array,
      nows[index] as Float32Array,
      thens[index] as Float32Array,
      late,
      step,
    );
}
