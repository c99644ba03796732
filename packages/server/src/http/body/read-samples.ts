import { readSamples } from "@ferret-ocl/pipeline/engine";
import { expected } from "../../errors.js";

/**
 * One sample of a JSON body.
 * @throws InputError unless it is as many finite numbers as the model has inputs.
 */
export function readSample(x: unknown, inputLength: number): Float32Array {
  if (!Array.isArray(x)) throw expected("an array of numbers", "x", x);
  const values = readSamples(x, inputLength);
  if (values.length === inputLength) return values;
  throw expected(
    `${inputLength} numbers, one sample,`,
    "x",
    `${values.length} numbers`,
    "send several samples as an array of objects",
  );
}

/** Samples one after the other. */
export function join(samples: readonly Float32Array[], inputLength: number): Float32Array {
  const all = new Float32Array(samples.length * inputLength);
  for (const [index, values] of samples.entries()) all.set(values, index * inputLength);
  return all;
}
