import type { CompensationContext, Compensator } from "../contract.js";
import type { VectorKernels } from "../vector-kernels.js";

interface AutoState {
  /** A gradient and the weights that it was computed with, kept to compare later ones to. */
  readonly keptGradient: Float32Array;
  readonly keptOrigin: Float32Array;
  readonly numbers: Float64Array;
}

// Places in `numbers`: <s, y> and <s, s>, averaged; measurements; gradients since a pair was kept.
const curved = 0;
const moved = 1;
const measured = 2;
const age = 3;

/** Decay of the averages from one measurement to the next. */
const decay = 0.9;
/** lr h tau from which delay does harm: late descent overshoots beyond 1/e, diverges at pi/2. */
const harmful = 0.7;
/** Share of the weights' norm that they may move in tau updates while no curvature is known. */
const reach = 0.02;

/**
 * Damps late gradients as far as the curvature that it measures asks for, and leaves them alone
 * where delay does no harm (ours).
 *
 * Curvature h is a secant over tau updates, for each stage, with nothing to tune: two gradients g
 * and the weights theta that they were computed with differ by y and s, and
 *
 * ```
 * h = E<s, y> / E<s, s>
 * ```
 *
 * Both gradients come from items that had no part in s, so their noise averages out. Where
 * lr h tau > 0.7 the gradient is carried to the newest weights with that curvature, g + h d,
 * d = theta_now - theta_then, which on a quadratic of curvature h is the exact gradient; in a
 * direction where h is too large it amounts to a step shorter by 1 + lr h tau.
 *
 * Until the first measurement, at the earliest after 2 tau updates, tau gradients in a row ask for
 * the same first steps. They are held so short that the weights move by about a fiftieth of
 * their norm in tau updates.
 */
export function auto(kernels: VectorKernels): Compensator<AutoState> {
  const sums = new Float64Array(2);

  function measure(
    gradient: Float32Array,
    origin: Float32Array,
    { keptGradient, keptOrigin, numbers }: AutoState,
    staleness: number,
  ): void {
    const kept = (numbers[age] as number) > 0;
    if (kept && (numbers[age] as number) < Math.max(1, staleness)) {
      numbers[age] = (numbers[age] as number) + 1;
      return;
    }
    kernels.secant(gradient, origin, keptGradient, keptOrigin, sums);
    numbers[age] = 1;
    const [product, square] = sums as unknown as [number, number];
    if (!kept || !(square > 0) || !Number.isFinite(product)) return;
    numbers[curved] = decay * (numbers[curved] as number) + (1 - decay) * product;
    numbers[moved] = decay * (numbers[moved] as number) + (1 - decay) * square;
    numbers[measured] = (numbers[measured] as number) + 1;
  }

  function run(
    destination: Float32Array,
    gradient: Float32Array,
    versions: readonly Float32Array[],
    state: AutoState,
    { staleness, learningRate }: CompensationContext,
    step: number,
  ): void {
    const newest = versions[versions.length - 1] as Float32Array;
    const origin = versions[0] as Float32Array;
    measure(gradient, origin, state, staleness);
    const delay = staleness * learningRate;
    let damping = 0;
    let scale = 1;
    if (versions.length > 1 && (state.numbers[measured] as number) > 0) {
      const curvature = (state.numbers[curved] as number) / (state.numbers[moved] as number);
      if (delay * curvature > harmful) damping = Math.min(curvature, 1 / learningRate);
    } else if (versions.length > 1) {
      const weights = kernels.squaredNorm(newest);
      const way = delay * Math.sqrt(kernels.squaredNorm(gradient) / weights);
      // Weights that are all zero have nothing to lose.
      if (weights > 0) scale = 1 / (1 + Math.max(0, way / reach - 1));
    }
    if (damping !== 0 || scale !== 1)
      kernels.damp(destination, gradient, newest, origin, damping, scale, step);
    else if (step > 0) kernels.sgd(destination, newest, gradient, step);
  }

  return {
    name: "auto",
    stateVectors: 2,
    init: (
      parameterCount,
      allocate = (length) => new Float32Array(length),
      numbers = (count) => new Float64Array(count),
    ) => ({
      keptGradient: allocate(parameterCount),
      keptOrigin: allocate(parameterCount),
      numbers: numbers(4),
    }),
    update(gradient, versions, state, context) {
      run(gradient, gradient, versions, state, context, 0);
    },
    step(destination, gradient, versions, state, context) {
      run(destination, gradient, versions, state, context, context.learningRate);
    },
  };
}
