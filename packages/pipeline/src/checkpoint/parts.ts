import { InputError } from "../errors.js";

/** Memory that is saved as it is, and filled again in place. */
export type StateArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A few numbers that an object keeps in its fields. */
export interface NumberPart {
  /** A copy of them. */
  save(): readonly number[];
  /** Goes on from what `save` gave. */
  restore(numbers: readonly number[]): void;
}

/** What something keeps from item to item, by name. */
export type StateParts = Readonly<Record<string, StateArray | NumberPart>>;

/** A tensor of a state. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly values: StateArray;
}

/** Tensors of a state by name. */
export type StateTensors = ReadonlyMap<string, StateTensor>;

/** Copies parts into a state, under `owner/name`. */
export function takeParts(
  tensors: Map<string, StateTensor>,
  owner: string,
  parts: StateParts,
): void {
  for (const [name, part] of Object.entries(parts)) {
    const values = isNumbers(part) ? Float64Array.from(part.save()) : part.slice();
    tensors.set(`${owner}/${name}`, { shape: [values.length], values });
  }
}

/**
 * Fills parts with what `takeParts` has copied.
 * @throws InputError if one of them is missing or of another type or length; then none is changed.
 */
export function giveParts(tensors: StateTensors, owner: string, parts: StateParts): void {
  const given = Object.entries(parts).map(([name, part]) => {
    const own = isNumbers(part) ? Float64Array.from(part.save()) : part;
    return [part, tensorLike(tensors, `${owner}/${name}`, own)] as const;
  });
  for (const [part, values] of given)
    if (isNumbers(part)) part.restore([...values]);
    else part.set(values);
}

/**
 * A tensor of the type and length of `like`.
 * @throws InputError that names the tensor.
 */
export function tensorLike(tensors: StateTensors, name: string, like: StateArray): StateArray {
  const values = tensors.get(name)?.values;
  const describe = (array: StateArray) => `${array.constructor.name} of ${array.length}`;
  // By name: a Buffer is a Uint8Array too.
  if (values && values.constructor.name === like.constructor.name && values.length === like.length)
    return values;
  throw new InputError(
    `Expected ${describe(like)} for ${name} of a checkpoint but received ` +
      `${values ? describe(values) : "none"}; open it with the version of Ferret that saved it`,
  );
}

function isNumbers(part: StateArray | NumberPart): part is NumberPart {
  return !ArrayBuffer.isView(part);
}
