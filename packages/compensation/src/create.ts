import { type CheckedCompensator, checked } from "./checked.js";
import { InputError } from "./errors.js";
import { guard } from "./guard.js";
import { referenceKernels, type VectorKernels } from "./kernels/contract.js";
import { type Method, settingsOf } from "./method.js";
import { type CompensationOptions, compensatorNames, methods } from "./registry.js";
import type { Tensor, TensorCompensator, TensorLibrary } from "./tensor/contract.js";
import { onTensors } from "./tensor/create.js";

/** What every implementation of the kernels has. */
const neededKernels = ["sgd", "add", "squaredNorm"] as const;

/**
 * A compensator by name. All but `none` stop repairing for a while when gradients diverge, see
 * `faults`.
 *
 * What it is called with is checked: lengths or shapes, `staleness` and `learningRate`, and that
 * the state is its own. Its methods throw InputErrors that name the argument, and change nothing.
 *
 * @param on what computes: kernels on Float32Arrays; default: plain TypeScript.
 * @throws InputError where the name is unknown, or an option is unknown to the method or out of its
 * range.
 */
export function createCompensator(
  name: string,
  options?: CompensationOptions,
  on?: VectorKernels,
): CheckedCompensator;

/**
 * A compensator of parameters that live in tensors, such as those of tfjs on a GPU. Nothing is read
 * back, so nothing waits for a GPU, and nothing looks whether gradients are finite.
 *
 * @param on tfjs, or what works like it; of tfjs, `T` is `tf.Tensor`.
 * @throws InputError as above, or where the method has no form on tensors.
 */
export function createCompensator<T extends Tensor<T>>(
  name: string,
  options: CompensationOptions,
  on: TensorLibrary<T>,
): TensorCompensator<T>;

export function createCompensator<T extends Tensor<T>>(
  name: string,
  options: CompensationOptions = {},
  on: VectorKernels | TensorLibrary<T> = referenceKernels,
): CheckedCompensator | TensorCompensator<T> {
  const method = methods.get(name);
  if (!method)
    throw new InputError(
      `Expected one of ${compensatorNames.join(", ")} for compensation but received "${name}"`,
    );
  const settings = settingsOf(method, options);
  return isTensorLibrary(on) ? onTensors(method, settings, on) : onArrays(method, settings, on);
}

const isTensorLibrary = <T extends Tensor<T>>(
  on: VectorKernels | TensorLibrary<T>,
): on is TensorLibrary<T> => typeof (on as Partial<TensorLibrary<T>> | null)?.tidy === "function";

function onArrays(
  {
    name,
    create,
    floatsMoved,
    stalenessCost,
    stalenessCostBehind = {},
  }: Method<CompensationOptions>,
  settings: Required<CompensationOptions>,
  kernels: VectorKernels,
): CheckedCompensator {
  const missing = neededKernels.find((kernel) => typeof kernels?.[kernel] !== "function");
  if (missing)
    throw new InputError(
      `Expected vector kernels for a compensator but they have no function "${missing}"; leave them ` +
        "out for plain TypeScript",
    );
  const made = create(kernels, settings);
  return checked({
    ...(made.leavesGradients ? made : guard(made, kernels)),
    name,
    floatsMoved,
    ...(stalenessCost !== undefined && { stalenessCost }),
    stalenessCostBehind,
  }) as CheckedCompensator;
}
