import type { CompensationContext, Compensator, ParameterMatrix } from "../contract.js";
import { rankOneKernelsOf } from "../reference-rank-one.js";
import type { VectorKernels } from "../vector-kernels.js";
import { blockViews, cutBlocks, type ParameterBlock } from "./parameter-blocks.js";
import { RankOneBlock, rankOneNumbers } from "./rank-one-block.js";

interface RankOneState {
  readonly blocks: readonly RankOneBlock[];
  readonly cut: (vector: Float32Array) => readonly Float32Array[];
}

/**
 * `secant` along one direction a matrix, of a few numbers (ours).
 */
export function rankOne(kernels: VectorKernels): Compensator<RankOneState> {
  const own = rankOneKernelsOf(kernels);
  return {
    name: "rank-one",
    staysFinite: true,
    stateVectors: 0,
    stalenessCost: 0.12,
    init(
      parameterCount,
      _allocate,
      numbers = (count) => new Float64Array(count),
      matrices: readonly ParameterMatrix[] = [],
    ) {
      const blocks = cutBlocks(parameterCount, matrices);
      return {
        blocks: blocks.map(
          (block: ParameterBlock) => new RankOneBlock(block, numbers(rankOneNumbers(block)), own),
        ),
        cut: blockViews(blocks),
      };
    },
    update(gradient, versions, { blocks, cut }, context: CompensationContext) {
      const gradients = cut(gradient);
      const nows = cut(versions[versions.length - 1] as Float32Array);
      const thens = cut(versions[0] as Float32Array);
      for (let index = 0; index < blocks.length; index++)
        (blocks[index] as RankOneBlock).update(
          gradients[index] as Float32Array,
          nows[index] as Float32Array,
          thens[index] as Float32Array,
          context,
        );
    },
  };
}
