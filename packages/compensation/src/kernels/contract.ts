import { type AdaptiveFisherKernel, adaptiveFisherKernel } from "./adaptive-fisher.js";
import { type ClosedFormFisherKernel, closedFormFisherKernel } from "./closed-form-fisher.js";
import type { Declared } from "./declare.js";
import { type DescentKernels, descentKernels } from "./descent.js";
import { type FisherCapKernel, fisherCapKernel } from "./fisher-cap.js";
import { type GapAwareKernel, gapAwareKernel } from "./gap-aware.js";
import { type IterativeFisherKernels, iterativeFisherKernels } from "./iterative-fisher.js";
import type { Parameter } from "./parameters.js";
import { type PenaltyKernels, penaltyKernels } from "./penalty.js";
import { type ProductKernels, productKernels } from "./products.js";
import { type RankOneKernels, rankOneKernels } from "./rank-one.js";
import { type SecantKernels, secantKernels } from "./secant.js";

/**
 * Kernels on flat float32 vectors of equal length, the only heavy work of a compensator, and of a
 * penalty on the parameters. Any implementation will do; `@ferret-ocl/kernels-cuda` has native ones,
 * `referenceKernels` is plain TypeScript.
 *
 * Those that repair element by element do so with d = newest - origin, the change since the weights
 * that the gradient g was computed with. Where `step` is 0, `destination` gets the repaired gradient;
 * else it gets `newest - step * repaired`, in the same pass. `destination` may be any array of the
 * call but the moving average.
 */
export interface VectorKernels
  extends IterativeFisherKernels,
    DescentKernels,
    ClosedFormFisherKernel,
    AdaptiveFisherKernel,
    GapAwareKernel,
    FisherCapKernel,
    ProductKernels,
    Partial<PenaltyKernels>,
    Partial<SecantKernels>,
    Partial<RankOneKernels> {}

/** The same, one row each. */
export const declarations: readonly Declared<unknown>[] = [
  iterativeFisherKernels,
  descentKernels,
  closedFormFisherKernel,
  adaptiveFisherKernel,
  gapAwareKernel,
  fisherCapKernel,
  productKernels,
  penaltyKernels,
  secantKernels,
  rankOneKernels,
];

const joined = <Part>(parts: readonly Part[]): unknown => Object.assign({}, ...parts);

/** The parameters of every kernel, in their order. */
export const kernelParameters = joined(
  declarations.map(({ parameters }) => parameters),
) as Readonly<Record<keyof VectorKernels, readonly Parameter[]>>;

/** Of all kernels, those that are optional too: what a binary must have. */
export const kernelNames = Object.keys(kernelParameters) as readonly (keyof VectorKernels)[];

/** The kernels in plain TypeScript: needs nothing, runs everywhere. */
export const referenceKernels = joined(
  declarations.map(({ plain }) => plain),
) as Required<VectorKernels>;
