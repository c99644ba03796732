import { usualStaleness } from "../algorithms/secant-rules.js";
import {
  expectAmounts,
  expectObject,
  expectParameters,
  expectShape,
  expectState,
  expectVersions,
  lateAdvice,
} from "../call-checks.js";
import type { LateGradient } from "../contract.js";
import { InputError } from "../errors.js";
import type { Method } from "../method.js";
import { tensorCompensatorNames } from "../registry.js";
import type { Tensor, TensorCompensator, TensorLibrary } from "./contract.js";

/** What a method keeps of one tensor of parameters. */
class TensorState<T extends Tensor<T>> {
  readonly kept = new Map<string, T>();
  /** Gradients so far, and their staleness, averaged. */
  count = 0;
  usual = 0;

  constructor(
    readonly method: string,
    readonly shape: readonly number[],
  ) {}
}

/** A method's form on tensors, as `createCompensator` gives it. */
export function onTensors<Options, T extends Tensor<T>>(
  { name, onTensors: repair }: Method<Options>,
  settings: Required<Options>,
  library: TensorLibrary<T>,
): TensorCompensator<T> {
  if (!repair)
    throw new InputError(
      `Expected one of ${tensorCompensatorNames.join(", ")} for compensation of tensors but received "${name}"`,
    );

  function check(late: LateGradient<unknown, T>): TensorState<T> {
    expectObject(late, "the late gradient", lateAdvice);
    const { gradient, versions } = late;
    expectState(late.state, TensorState, name);
    const state = late.state as TensorState<T>;
    expectVersions(versions);
    expectShape(gradient, state.shape, "gradient");
    versions.forEach((version, index) => {
      expectShape(version, state.shape, `versions[${index}]`);
    });
    expectAmounts(late);
    return state;
  }

  return {
    name,
    init: ({ shape }) => {
      expectParameters({ shape });
      return new TensorState<T>(name, [...shape]);
    },
    update(late) {
      const state = check(late);
      const { gradient, versions } = late;
      const { kept } = state;
      return library.tidy(() => {
        const count = state.count + 1;
        const usual = usualStaleness(state.usual, late.staleness, count);
        const replaced: T[] = [];
        const repaired = repair({
          gradient,
          versions,
          context: late,
          settings,
          count,
          usual,
          tidy: (work) => library.tidy(work),
          change: (versions[versions.length - 1] as T).sub(versions[0] as T),
          get: (key, start) =>
            kept.get(key) ??
            (start === "zeros" ? library.zerosLike(gradient) : library.scalar(start)),
          set: (key, value) => {
            const before = kept.get(key);
            if (before) replaced.push(before);
            kept.set(key, library.keep(value));
            return value;
          },
        });
        for (const value of replaced) value.dispose();
        state.count = count;
        state.usual = usual;
        return repaired;
      });
    },
    dispose(state) {
      expectState(state, TensorState, name);
      const { kept } = state as TensorState<T>;
      for (const value of kept.values()) value.dispose();
      kept.clear();
      (state as TensorState<T>).count = 0;
      (state as TensorState<T>).usual = 0;
    },
  };
}
