import type { CompensationContext, Compensator, ParameterMatrix } from "../contract.js";
import { matrixKernelsOf } from "../reference-matrix.js";
import type { VectorKernels } from "../vector-kernels.js";
import { BlockCurvature, curvatureNumbers } from "./block-curvature.js";
import { blockViews, cutBlocks } from "./parameter-blocks.js";

interface AutoState {
  /** A gradient and the weights that it was computed with, kept to compare later ones to. */
  readonly keptGradient: Float32Array;
  readonly keptOrigin: Float32Array;
  readonly blocks: readonly BlockState[];
  readonly cut: (vector: Float32Array) => readonly Float32Array[];
}

interface BlockState {
  readonly curvature: BlockCurvature;
  /** Working space, a number a column of the matrix. */
  readonly gradient: Float64Array;
  readonly change: Float64Array;
}

/** lr h tau from which delay does harm: late descent overshoots beyond 1/e, diverges at pi/2. */
const harmful = 0.7;
/** Share of the weights' norm that they may move in tau updates while no curvature is known. */
const reach = 0.02;
/** The same along a matrix's direction, in units of what one of its rows holds. */
const unknownReach = 0.15;
const alongReach = 3;

/**
 * Carries late gradients to the newest weights with the curvatures that it measures, and leaves
 * them alone where delay does no harm (ours).
 *
 * Where lr h tau > 0.7 a gradient becomes g + h d, d = theta_now - theta_then, which on a quadratic
 * of curvature h is the exact gradient; in a direction where h is too large it amounts to a step
 * shorter by 1 + lr h tau. With one h for all parameters of a layer that costs most of what it
 * gains: a few directions diverge, and all others must wait for them. So each matrix has two, one
 * along its mean activation, one for the rest, see `BlockCurvature`.
 *
 * Until the first measurement, after 2 tau updates, tau gradients in a row ask for the same first
 * steps. They are held so short that the weights move by about a fiftieth of their norm in tau
 * updates. Along the direction, where most of that would go, by less; and there what tau updates
 * may move stays bounded, as curvature jumps when the classes change.
 */
export function auto(kernels: VectorKernels): Compensator<AutoState> {
  const matrix = matrixKernelsOf(kernels);

  function repair(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    block: BlockState,
    { staleness, learningRate }: CompensationContext,
  ): void {
    const { curvature } = block;
    const { direction, isKnown } = curvature;
    const rows = direction.length;
    const delay = staleness * learningRate;
    const weights = Math.sqrt(kernels.squaredNorm(newest));
    const damping = (h: number) => (delay * h > harmful ? Math.min(h, 1 / learningRate) : 0);
    // Weights that are all zero have nothing to lose.
    const shorten = (square: number, most: number) =>
      weights > 0 ? 1 / Math.max(1, (delay * Math.sqrt(square)) / (most * weights)) : 1;

    let square = isKnown ? 0 : kernels.squaredNorm(gradient);
    const alongDamping = damping(curvature.along);
    let alongScale = 1;
    if (rows > 0) {
      matrix.projectRows(gradient, direction, block.gradient);
      curvature.projectChange(newest, origin, block.change);
      let alongSquare = 0;
      for (let column = 0; column < block.gradient.length; column++)
        alongSquare += (block.gradient[column] as number) ** 2;
      square = Math.max(0, square - alongSquare);
      const most = isKnown ? alongReach : unknownReach;
      if (!isKnown || alongDamping > 0) alongScale = shorten(alongSquare, most / Math.sqrt(rows));
    }
    const restDamping = damping(curvature.beside);
    const restScale = isKnown ? 1 : shorten(square, reach);
    if (restDamping !== 0 || restScale !== 1)
      kernels.damp(gradient, gradient, newest, origin, restDamping, restScale, 0);
    if (rows === 0 || (alongDamping === restDamping && alongScale === restScale)) return;
    for (let column = 0; column < block.gradient.length; column++) {
      const g = block.gradient[column] as number;
      const d = block.change[column] as number;
      block.change[column] =
        alongScale * (g + alongDamping * d) - restScale * (g + restDamping * d);
    }
    matrix.addOuter(gradient, direction, block.change);
  }

  return {
    name: "auto",
    stateVectors: 2,
    init(
      parameterCount,
      allocate = (length) => new Float32Array(length),
      numbers = (count) => new Float64Array(count),
      matrices: readonly ParameterMatrix[] = [],
    ) {
      const blocks = cutBlocks(parameterCount, matrices);
      return {
        keptGradient: allocate(parameterCount),
        keptOrigin: allocate(parameterCount),
        blocks: blocks.map((block) => ({
          curvature: new BlockCurvature(block, numbers(curvatureNumbers(block)), kernels),
          gradient: new Float64Array(block.columns),
          change: new Float64Array(block.columns),
        })),
        cut: blockViews(blocks),
      };
    },
    update(gradient, versions, { keptGradient, keptOrigin, blocks, cut }, context) {
      const newest = versions[versions.length - 1] as Float32Array;
      const origin = versions[0] as Float32Array;
      const gradients = cut(gradient);
      const [nows, thens] = [cut(newest), cut(origin)];
      const [keptGradients, keptOrigins] = [cut(keptGradient), cut(keptOrigin)];
      for (let index = 0; index < blocks.length; index++) {
        const block = blocks[index] as BlockState;
        const part = gradients[index] as Float32Array;
        const then = thens[index] as Float32Array;
        block.curvature.follow(part);
        block.curvature.measure(
          part,
          then,
          keptGradients[index] as Float32Array,
          keptOrigins[index] as Float32Array,
          context.staleness,
        );
        if (versions.length > 1) repair(part, nows[index] as Float32Array, then, block, context);
      }
    },
  };
}
