import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { method, positive, share } from "../method.js";
import { filled } from "../parameters.js";
import { iterFisher as onTensors } from "../tensor/iter-fisher.js";

/** Settings of `iter-fisher`. */
export interface IterFisherOptions {
  /** lambda at the start, >= 0; default 0.2. */
  readonly lambda?: number;
  /** alpha, the decay of both moving averages, in [0, 1); default 0.9. */
  readonly emaDecay?: number;
  /** eta_lambda in [0, 1): share of the way to the best lambda that one update goes; 0 keeps
   * lambda fixed and needs no state; default 0.001. */
  readonly lambdaRate?: number;
  /** nu >= 0, the penalty on lambda; default 0.0001. */
  readonly lambdaPenalty?: number;
}

export interface IterFisherState {
  readonly lambda: number;
  /** Gradients that were not finite: passed on as they came, the averages start anew. */
  readonly faults: number;
  /** How far lambda has moved from its start; faults. */
  readonly numbers: Float64Array;
  /** v_r: moving average of the gradient; empty where lambda is fixed. */
  readonly residualAverage: Float32Array;
  /** v_a: moving average of the first-order change that the Fisher matrix predicts. */
  readonly fisherAverage: Float32Array;
  readonly sums: Float64Array;
}

const moved = 0;
const faults = 1;

class IterFisherNumbers implements IterFisherState {
  /** Working space of one update. */
  readonly sums = new Float64Array(2);

  constructor(
    readonly start: number,
    readonly numbers: Float64Array,
    readonly residualAverage: Float32Array,
    readonly fisherAverage: Float32Array,
  ) {}

  get lambda(): number {
    return this.start + (this.numbers[moved] as number);
  }

  get faults(): number {
    return this.numbers[faults] as number;
  }
}

/**
 * Iterative gradient compensation (Ferret, CVPR 2025, arXiv 2503.12053, Eq. 5-12).
 *
 * The gradient at a later version is its Taylor expansion with the Hessian replaced by the
 * diagonal empirical Fisher matrix, lambda g g. Instead of one long step from the old to the
 * newest version it takes the short ones in between, where the expansion is good:
 *
 * ```
 * theta[s] --d1--> theta[s+1] --d2--> theta[s+2] (newest)
 * g  <-  g + lambda g g d1   <-  then the same with d2
 * ```
 *
 * lambda follows the objective |d - lambda F|^2 + nu lambda^2 with F = v_a the average predicted
 * change and d the change that was seen. Its minimum is lambda* = <F, d> / (|F|^2 + nu); we descend
 * on the objective divided by |F|^2 + nu, so that a step is a share `lambdaRate` of twice the way
 * to lambda*, whatever the scale of the gradients. lambda stays >= 0: the Fisher matrix has no
 * negative curvature to offer.
 */
export const iterFisher = method<IterFisherOptions>({
  name: "iter-fisher",
  options: {
    lambda: positive(0.2),
    emaDecay: share(0.9),
    lambdaRate: share(1e-3),
    lambdaPenalty: positive(1e-4),
  },
  floatsMoved: 13,
  create: createIterFisher,
  onTensors,
});

/** As `Method.create`. */
export function createIterFisher(
  kernels: VectorKernels,
  { lambda, emaDecay, lambdaRate, lambdaPenalty }: Required<IterFisherOptions>,
): Compensator<IterFisherState> {
  const adaptive = lambdaRate > 0;

  /** Takes the gradient into the averages and moves lambda; false where it is not finite. */
  function adapt(
    gradient: Float32Array,
    versions: readonly Float32Array[],
    { residualAverage, fisherAverage, sums, numbers }: IterFisherState,
  ): boolean {
    if (!adaptive) return true;
    const newest = versions.length - 1;
    kernels.iterativeFisherStatistics(
      gradient,
      versions[newest] as Float32Array,
      versions[newest - 1] as Float32Array,
      residualAverage,
      fisherAverage,
      emaDecay,
      sums,
    );
    const [residual, fisher] = sums as unknown as [number, number];
    if (!Number.isFinite(residual + fisher)) {
      residualAverage.fill(0);
      fisherAverage.fill(0);
      numbers[faults] = (numbers[faults] as number) + 1;
      return false;
    }
    const scale = fisher + lambdaPenalty;
    const current = lambda + (numbers[moved] as number);
    const step = scale > 0 ? 2 * lambdaRate * (current - residual / scale) : 0;
    numbers[moved] = Math.max(-lambda, (numbers[moved] as number) - step);
    return true;
  }

  return {
    name: "iter-fisher",
    staysFinite: true,
    stateVectors: adaptive ? 2 : 0,
    init(parameters) {
      const { parameterCount, allocate, numbers } = filled(parameters);
      const vector = () => (adaptive ? allocate(parameterCount) : new Float32Array(0));
      return new IterFisherNumbers(lambda, numbers(2), vector(), vector());
    },
    faults: (state) => state.faults,
    update({ gradient, versions, state }) {
      if (versions.length >= 2 && adapt(gradient, versions, state))
        kernels.iterativeFisher(gradient, versions, state.lambda);
      return gradient;
    },
    ...(kernels.iterativeFisherSgd && {
      step({ destination, gradient, versions, state, learningRate }) {
        const newest = versions[versions.length - 1] as Float32Array;
        if (versions.length < 2 || !adapt(gradient, versions, state))
          kernels.sgd(destination, newest, gradient, learningRate);
        else
          kernels.iterativeFisherSgd?.(
            destination,
            newest,
            gradient,
            versions,
            state.lambda,
            learningRate,
          );
      },
    }),
  };
}
