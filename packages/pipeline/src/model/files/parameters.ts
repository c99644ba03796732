import { InputError } from "../../errors.js";
import { elementCount } from "../shape.js";
import type { Model } from "../spec.js";
import { readFloats, type StoredTensor } from "./floats.js";
import { kerasSlots, type Slot, torchSlots } from "./names.js";
import { transpose } from "./transpose.js";

/** What PyTorch keeps beside a batch normalisation's statistics, and nobody here needs. */
const torchCounter = ".num_batches_tracked";

/** Names in one error message. */
const mostListed = 8;

/**
 * Arranges named tensors in a model's flat parameter vector. Names and layouts are those of Keras
 * (`conv1/kernel`, [height, width, in, out]) if any of them fits, or else those of PyTorch
 * (`conv1.weight`, [out, in, height, width]).
 *
 * @throws InputError that names the first tensors that are missing, left over or of another shape.
 */
export function arrangeParameters(
  model: Model,
  tensors: ReadonlyMap<string, StoredTensor>,
): Float32Array {
  const keras = kerasSlots(model);
  const isKeras = keras.some(({ name }) => tensors.has(name));
  const slots = isKeras ? keras : torchSlots(model);
  const missing = slots.filter(({ name }) => !tensors.has(name)).map(({ name }) => name);
  const names = new Set(slots.map(({ name }) => name));
  const unused = [...tensors.keys()].filter(
    (name) => !names.has(name) && (isKeras || !name.endsWith(torchCounter)),
  );
  if (missing.length > 0 || unused.length > 0)
    throw new InputError(
      `Expected the tensors of model ${model.name} in ${isKeras ? "Keras" : "PyTorch"} names but ` +
        [list("are missing", missing), list("have no place in it", unused)]
          .filter((part) => part !== "")
          .join(" and "),
    );
  const parameters = new Float32Array(model.parameterCount);
  let offset = 0;
  for (const slot of slots) {
    const values = readSlot(slot, tensors.get(slot.name) as StoredTensor);
    parameters.set(values, offset);
    offset += values.length;
  }
  return parameters;
}

/** A model's parameters by Keras weight name; the values are views into the vector. */
export function nameParameters(
  model: Model,
  parameters: Float32Array,
): Map<string, { shape: readonly number[]; values: Float32Array }> {
  let offset = 0;
  return new Map(
    kerasSlots(model).map(({ name, shape }) => {
      const begin = offset;
      offset += elementCount(shape);
      return [name, { shape, values: parameters.subarray(begin, offset) }];
    }),
  );
}

function readSlot({ name, shape, layout }: Slot, tensor: StoredTensor): Float32Array {
  if (String(tensor.shape) !== String(shape))
    throw new InputError(
      `Expected tensor ${name} of shape [${shape}] but received [${tensor.shape}]`,
    );
  const values = readFloats(name, tensor);
  return layout ? transpose(values, layout.shape, layout.axes) : values;
}

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, mostListed).join(", ");
  return `${shown}${names.length > mostListed ? ` and ${names.length - mostListed} more` : ""} ${what}`;
}
