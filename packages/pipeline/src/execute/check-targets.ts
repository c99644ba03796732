import { InputError } from "../errors.js";

/**
 * The first of the targets that is not finite, as words.
 * @returns null where all are finite numbers.
 */
export function badTarget(targets: Float32Array, length: number, outputs: number): string | null {
  for (let at = 0; at < length; at++)
    if (!Number.isFinite(targets[at]))
      return `${targets[at]} as target ${at % outputs} of sample ${Math.floor(at / outputs)}`;
  return null;
}

/**
 * Checks the targets of an item that is to be scored or learned.
 * @param name of the item, for the message.
 * @throws InputError unless they are a Float32Array of size x outputs finite numbers or more.
 */
export function checkTargets(
  { targets, size }: { readonly targets?: unknown; readonly size: number },
  outputs: number,
  name: string,
): void {
  if (!(targets instanceof Float32Array))
    throw new InputError(
      `Expected a Float32Array for targets of ${name} but received ` +
        `${targets === null || targets === undefined ? targets : typeof targets}; hand over what is ` +
        "to be predicted",
    );
  if (targets.length < size * outputs)
    throw new InputError(
      `Expected ${size} x ${outputs} values for targets of ${name} but received ${targets.length}; ` +
        "give every sample as many as the model has outputs",
    );
  const bad = badTarget(targets, size * outputs, outputs);
  if (bad !== null)
    throw new InputError(
      `Expected finite numbers for targets of ${name} but received ${bad}; mend it or leave the ` +
        "item out",
    );
}
