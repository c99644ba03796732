import type { Compensator, LateStep } from "../contract.js";
import { HandedOn } from "../hand-on.js";
import type { VectorKernels } from "../kernels/contract.js";
import { method, positive } from "../method.js";
import { pageHinkley, pageHinkleyNumbers } from "../page-hinkley.js";
import { filled } from "../parameters.js";
import { driftAware as onTensors } from "../tensor/drift-aware.js";
import {
  createIterFisher,
  type IterFisherOptions,
  type IterFisherState,
  iterFisher,
} from "./iter-fisher.js";

/** Settings of `drift-aware`. */
export interface DriftAwareOptions extends IterFisherOptions {
  /** Rise in deviations that is no drift, >= 0; default 0.5. */
  readonly driftTolerance?: number;
  /** Rises above it that add up to a drift, > 0; default 10. */
  readonly driftThreshold?: number;
}

interface DriftAwareState {
  readonly inner: HandedOn<IterFisherState>;
  readonly detector: Float64Array;
}

/**
 * Iter-Fisher that forgets v_r, v_a and lambda when the stream changes abruptly: what they have
 * learned belongs to the old data (the paper's first open question).
 *
 * A compensator sees no loss. The logarithm of the gradient's norm stands in for it: where a model
 * has learned its data both are small, and both jump when the data change. A Page-Hinkley test
 * watches it.
 */
export const driftAware = method<DriftAwareOptions>({
  name: "drift-aware",
  options: {
    ...iterFisher.options,
    driftTolerance: positive(0.5),
    driftThreshold: { usual: 10, fits: (value) => value > 0, range: "above 0" },
  },
  floatsMoved: 14,
  create: createDriftAware,
  onTensors,
});

function createDriftAware(
  kernels: VectorKernels,
  { driftTolerance, driftThreshold, ...settings }: Required<DriftAwareOptions>,
): Compensator<DriftAwareState> {
  const inner = createIterFisher(kernels, settings);
  const { step } = inner;

  function watch(gradient: Float32Array, { inner: { state }, detector }: DriftAwareState): void {
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
    init(parameters) {
      const space = filled(parameters);
      const state = inner.init(space);
      return { inner: new HandedOn(state), detector: space.numbers(pageHinkleyNumbers) };
    },
    faults: ({ inner: { state } }) => state.faults,
    update(late) {
      watch(late.gradient, late.state);
      return inner.update(late.state.inner.from(late));
    },
    ...(step && {
      step(late: LateStep<DriftAwareState>) {
        watch(late.gradient, late.state);
        step(late.state.inner.fromStep(late));
      },
    }),
  };
}
