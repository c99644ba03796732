import type { Compensator, LateStep } from "./contract.js";
import { HandedOn } from "./hand-on.js";
import type { VectorKernels } from "./kernels/contract.js";
import { filled } from "./parameters.js";

/** Squared norm from which moving averages of squares could leave the range of float32. */
const mostSquared = 1e36;
/** A norm that grows a thousandfold at once explodes; a small one may well do that. */
const growth = 1e6;
const harmless = 1e4;
/** Gradients that pass as they are after one that was not trusted. */
const pause = 100;

const usual = 0;
const paused = 1;
const faults = 2;

interface GuardState<State> {
  readonly inner: HandedOn<State>;
  /** Moving average of the squared norm; gradients still to pass; faults. */
  readonly numbers: Float64Array;
  /** All that the inner state keeps. */
  readonly memory: readonly (Float32Array | Float64Array)[];
}

/**
 * A compensator that knows when not to: a gradient that is not finite, or explodes, is passed on
 * as it came and counted, what was learned so far is forgotten, and the next hundred pass as they
 * are too. Meanwhile training goes on as with `none`.
 */
export function guard<State>(
  compensator: Compensator<State>,
  kernels: VectorKernels,
): Compensator<GuardState<State>> {
  const innerFaults = (state: State) => compensator.faults?.(state) ?? 0;

  function trusts(gradient: Float32Array, { inner, numbers, memory }: GuardState<State>): boolean {
    const square = kernels.squaredNorm(gradient);
    const before = numbers[usual] as number;
    const explodes = before > 0 && square > harmless && square > growth * before;
    // Written so that a square that is no number fails it.
    if (!(square <= mostSquared) || explodes) {
      numbers[faults] = (numbers[faults] as number) + 1 + innerFaults(inner.state);
      numbers[paused] = pause;
      numbers[usual] = 0;
      for (const array of memory) array.fill(0);
      return false;
    }
    numbers[usual] = before === 0 ? square : 0.9 * before + 0.1 * square;
    if (numbers[paused] === 0) return true;
    numbers[paused] = (numbers[paused] as number) - 1;
    return false;
  }

  const { step } = compensator;
  return {
    ...compensator,
    init(parameters) {
      const { allocate, numbers, ...space } = filled(parameters);
      const memory: (Float32Array | Float64Array)[] = [];
      const keep = <T extends Float32Array | Float64Array>(array: T): T => {
        memory.push(array);
        return array;
      };
      const inner = compensator.init({
        ...space,
        allocate: (length) => keep(allocate(length)),
        numbers: (count, of) => keep(numbers(count, of)),
      });
      return { inner: new HandedOn(inner), numbers: numbers(3), memory };
    },
    faults: ({ inner, numbers }) => (numbers[faults] as number) + innerFaults(inner.state),
    update(late) {
      const { gradient, state } = late;
      return trusts(gradient, state) ? compensator.update(state.inner.from(late)) : gradient;
    },
    ...(step && {
      step(late: LateStep<GuardState<State>>) {
        const { destination, gradient, versions, state, learningRate } = late;
        if (trusts(gradient, state)) step(state.inner.fromStep(late));
        else {
          const newest = versions[versions.length - 1] as Float32Array;
          kernels.sgd(destination, newest, gradient, learningRate);
        }
      },
    }),
  } as Compensator<GuardState<State>>;
}
