import type { CompensationContext, Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { checkOption } from "../options.js";
import { pageHinkley, pageHinkleyNumbers } from "../page-hinkley.js";
import { type IterFisherOptions, type IterFisherState, iterFisher } from "./iter-fisher.js";

/** Settings of `drift-aware`. */
export interface DriftAwareOptions extends IterFisherOptions {
  /** Rise in deviations that is no drift, >= 0; default 0.5. */
  readonly driftTolerance?: number;
  /** Rises above it that add up to a drift, > 0; default 10. */
  readonly driftThreshold?: number;
}

interface DriftAwareState {
  readonly inner: IterFisherState;
  readonly detector: Float64Array;
}

/**
 * Iter-Fisher that forgets v_r, v_a and lambda when the stream changes abruptly: what they have
 * learned belongs to the old data (the paper's first open question).
 *
 * A compensator sees no loss. The logarithm of the gradient's norm stands in for it: where a model
 * has learned its data both are small, and both jump when the data change. A Page-Hinkley test
 * watches it.
 *
 * @throws InputError where an option is out of its range.
 */
export function driftAware(
  kernels: VectorKernels,
  { driftTolerance = 0.5, driftThreshold = 10, ...options }: DriftAwareOptions = {},
): Compensator<DriftAwareState> {
  checkOption("driftTolerance", driftTolerance, driftTolerance >= 0, "at least 0");
  checkOption("driftThreshold", driftThreshold, driftThreshold > 0, "above 0");
  const inner = iterFisher(kernels, options);
  const { step } = inner;

  function watch(gradient: Float32Array, { inner: state, detector }: DriftAwareState): void {
    const norm = kernels.squaredNorm(gradient);
    if (!Number.isFinite(norm)) return;
    if (!pageHinkley(detector, 0.5 * Math.log(norm + 1e-30), driftTolerance, driftThreshold))
      return;
    state.residualAverage.fill(0);
    state.fisherAverage.fill(0);
    state.numbers[0] = 0;
  }

  return {
    name: "drift-aware",
    staysFinite: true,
    stateVectors: inner.stateVectors,
    init: (parameterCount, allocate, numbers = (count) => new Float64Array(count)) => ({
      inner: inner.init(parameterCount, allocate, numbers),
      detector: numbers(pageHinkleyNumbers),
    }),
    faults: (state) => state.inner.faults,
    update(gradient, versions, state, context) {
      watch(gradient, state);
      inner.update(gradient, versions, state.inner, context);
    },
    ...(step && {
      step(
        destination: Float32Array,
        gradient: Float32Array,
        versions: readonly Float32Array[],
        state: DriftAwareState,
        context: CompensationContext,
      ) {
        watch(gradient, state);
        step(destination, gradient, versions, state.inner, context);
      },
    }),
  };
}
