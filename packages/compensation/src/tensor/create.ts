import { usualLeadReach, usualStaleness } from "../algorithms/secant-rules.js";
import type { CompensationContext } from "../contract.js";
import { InputError } from "../errors.js";
import { type CompensationOptions, createCompensator } from "../registry.js";
import type { Tensor, TensorCompensator, TensorLibrary } from "./contract.js";
import { tensorMethods } from "./methods.js";

/** Names that `createTensorCompensator` takes. */
export const tensorCompensatorNames: readonly string[] = Object.keys(tensorMethods);

/**
 * A compensator of parameters that live in tensors, such as those of tfjs on a GPU, for one tensor
 * of parameters. To `secant` one of two dimensions or more is a matrix, with one column an output, and
 * one of fewer, so the bias of a layer too, is a block of its own.
 *
 * @param library tfjs, or what works like it; of tfjs, `T` is `tf.Tensor`.
 * @throws InputError where the name is unknown or an option is out of its range.
 */
export function createTensorCompensator<T extends Tensor<T>>(
  library: TensorLibrary<T>,
  name: string,
  options: CompensationOptions = {},
): TensorCompensator<T> {
  const method = Object.hasOwn(tensorMethods, name) ? tensorMethods[name] : undefined;
  if (!method)
    throw new InputError(
      `Expected one of ${tensorCompensatorNames.join(", ")} for compensation of tensors but received "${name}"`,
    );
  // Options are checked where their form on arrays checks them.
  createCompensator(name, options);
  const settings = {
    lambda: 0.2,
    emaDecay: 0.9,
    lambdaRate: 1e-3,
    lambdaPenalty: 1e-4,
    delayStrength: 2,
    capStrength: 1600,
    driftTolerance: 0.5,
    driftThreshold: 10,
    trustRadius: 0.5,
    leadReach: usualLeadReach,
    ...options,
  };
  const expectPlain = ({ stepFactor }: CompensationContext) => {
    if (name !== "secant" || stepFactor === undefined) return;
    throw new InputError(
      `Expected no stepFactor for secant of tensors but received ${stepFactor}; there it is for ` +
        "plain gradient descent, so hand gradients over as arrays or take another method",
    );
  };
  const kept = new Map<string, T>();
  let count = 0;
  let usual = 0;
  return {
    name,
    update(gradient, versions, context) {
      expectPlain(context);
      return library.tidy(() => {
        count++;
        usual = usualStaleness(usual, context.staleness, count);
        const replaced: T[] = [];
        const repaired = method({
          gradient,
          versions,
          context,
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
        return repaired;
      });
    },
    dispose() {
      for (const value of kept.values()) value.dispose();
      kept.clear();
      count = 0;
      usual = 0;
    },
  };
}
