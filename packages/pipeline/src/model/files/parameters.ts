import { InputError } from "../../errors.js";
import { elementCount } from "../shape.js";
import type { Model } from "../spec.js";
import { readFloats, type StoredTensor } from "./floats.js";
import { countFound, matchNames } from "./match.js";
import { kerasSlots, type Slot, torchSlots } from "./names.js";
import { transpose } from "./transpose.js";

/** Names in one error message. */
const mostListed = 8;

/**
 * Arranges named tensors in a model's flat parameter vector. Names and layouts are those of Keras
 * (`conv1/kernel`, [height, width, in, out]) or of PyTorch (`conv1.weight`, [out, in, height,
 * width]), whichever fits more; what wrappers add to names is looked through.
 *
 * @throws InputError that names the first tensors that are missing, left over, of another shape or
 *   type, or hold a number that is not finite.
 */
export function arrangeParameters(
  model: Model,
  tensors: ReadonlyMap<string, StoredTensor>,
): Float32Array {
  const { isKeras, slots, match } = chooseNames(model, [...tensors.keys()]);
  const missing = slots
    .filter((_, index) => match.names[index] === undefined)
    .map(({ name }) => name);
  if (missing.length > 0 || match.unused.length > 0)
    throw new InputError(
      `Expected the tensors of model ${model.name} in ${isKeras ? "Keras" : "PyTorch"} names but ` +
        [list("are missing", missing), list("have no place in it", match.unused)]
          .filter((part) => part !== "")
          .join(" and "),
    );
  const parameters = new Float32Array(model.parameterCount);
  let offset = 0;
  slots.forEach((slot, index) => {
    const name = match.names[index] as string;
    const values = readSlot(slot, name, tensors.get(name) as StoredTensor);
    parameters.set(values, offset);
    offset += values.length;
  });
  return parameters;
}

function chooseNames(model: Model, names: readonly string[]) {
  const keras = kerasSlots(model);
  const match = matchNames(keras, names, "/");
  if (countFound(match) > 0) return { isKeras: true, slots: keras, match };
  const slots = torchSlots(model);
  return { isKeras: false, slots, match: matchNames(slots, names, ".") };
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

function readSlot(slot: Slot, name: string, tensor: StoredTensor): Float32Array {
  const { shape, layout, isVariance } = slot;
  if (String(tensor.shape) !== String(shape))
    throw new InputError(
      `Expected tensor ${name} of shape [${shape}] but received [${tensor.shape}]; take the ` +
        "weights of this model",
    );
  const values = readFloats(name, tensor);
  const least = isVariance ? 0 : -Number.MAX_VALUE;
  const wrong = values.findIndex((value) => !(value >= least && value <= Number.MAX_VALUE));
  if (wrong >= 0)
    throw new InputError(
      `Expected ${isVariance ? "finite numbers from 0" : "finite numbers"} in tensor ${name} but ` +
        `value ${wrong} is ${values[wrong]}; save the weights of a run that did not diverge`,
    );
  return layout ? transpose(values, layout.shape, layout.axes) : values;
}

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, mostListed).join(", ");
  return `${shown}${names.length > mostListed ? ` and ${names.length - mostListed} more` : ""} ${what}`;
}
