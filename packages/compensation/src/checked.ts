import {
  expectAmounts,
  expectLength,
  expectObject,
  expectParameters,
  expectState,
  expectVersions,
  lateAdvice,
} from "./call-checks.js";
import type {
  Compensator,
  LateGradient,
  LateStep,
  ParameterShape,
  ParameterSpace,
} from "./contract.js";
import { HandedOn } from "./hand-on.js";
import { flattened } from "./parameters.js";

/** State of one method, and for how many parameters it was made. */
class CheckedState<State> {
  readonly inner: HandedOn<State>;

  constructor(
    readonly method: string,
    readonly parameterCount: number,
    inner: State,
  ) {
    this.inner = new HandedOn(inner);
  }
}

/** A compensator on arrays that refuses what it cannot work with; it takes parameters of a shape too. */
export interface CheckedCompensator<State = unknown> extends Compensator<State> {
  init(parameters: ParameterSpace | ParameterShape): State;
}

/**
 * The compensator in a form that refuses what it cannot work with before anything is changed: with an
 * InputError that names the argument. An update costs a few comparisons more, and allocates nothing.
 */
export function checked<State>(
  compensator: Compensator<State>,
): CheckedCompensator<CheckedState<State>> {
  const { name, step, faults } = compensator;

  function check(late: LateGradient<CheckedState<State>>): void {
    expectObject(late, "the late gradient", lateAdvice);
    const { gradient, versions, state } = late;
    expectState(state, CheckedState, name);
    const count = state.parameterCount;
    expectLength(gradient, count, "gradient");
    expectVersions(versions);
    for (let index = 0; index < versions.length; index++)
      if (!(versions[index] instanceof Float32Array) || versions[index].length !== count)
        expectLength(versions[index], count, `versions[${index}]`);
    expectAmounts(late);
  }

  return {
    ...compensator,
    init(parameters) {
      const space =
        "shape" in expectParameters(parameters)
          ? flattened(parameters as ParameterShape)
          : (parameters as ParameterSpace);
      return new CheckedState(name, space.parameterCount, compensator.init(space));
    },
    update(late) {
      check(late);
      return compensator.update(late.state.inner.from(late));
    },
    ...(step && {
      step(late: LateStep<CheckedState<State>>) {
        check(late);
        expectLength(late.destination, late.state.parameterCount, "destination");
        step(late.state.inner.fromStep(late));
      },
    }),
    ...(faults && {
      faults(state: CheckedState<State>) {
        expectState(state, CheckedState, name);
        return faults(state.inner.state);
      },
    }),
  } as CheckedCompensator<CheckedState<State>>;
}
