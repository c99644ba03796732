import { expected } from "../errors.js";
import type { Memory } from "../memory/memory.js";
import { initialise } from "../model/initialise.js";
import type { Model } from "../model/spec.js";
import { areFinite } from "./check-item.js";

/** Where a run's parameters come from. */
export interface InitialParameters {
  /** Seed of the initial draw. */
  readonly seed: number;
  /** Layer by layer, instead of a draw. */
  readonly initialParameters?: Float32Array | undefined;
}

/**
 * One vector for the whole model, filled: stages are views of it, wherever the model is cut.
 * @throws InputError if the given parameters are not as many as the model's, or not finite.
 */
export function allocateParameters(
  model: Model,
  memory: Memory,
  { seed, initialParameters }: InitialParameters,
): Float32Array {
  if (initialParameters !== undefined && !(initialParameters instanceof Float32Array))
    throw expected("a Float32Array", "initialParameters", initialParameters);
  const initial = initialParameters ?? initialise(model, seed);
  if (initial.length !== model.parameterCount)
    throw expected(`${model.parameterCount} numbers`, "initialParameters", initial.length);
  if (!areFinite(initial, initial.length)) {
    const place = initial.findIndex((value) => !Number.isFinite(value));
    throw expected("finite numbers", `initialParameters[${place}]`, initial[place]);
  }
  const parameters = memory.floats("parameters", model.parameterCount);
  parameters.set(initial);
  return parameters;
}
