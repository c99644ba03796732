/**
 * Which values a Dropout layer keeps: a hash of the layer's seed, the number that a pass draws with
 * (an item's) and the value's place in the batch, [sample, ...shape] with channels last. So a pass
 * done again drops the same values, on every runtime and however the model is cut.
 */

/** A hash of 32 bits (Wellons 2018, github.com/skeeto/hash-prospector, "lowbias32"). */
export function mix(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** What all places of one pass have in common; `draw` is a whole number from 0 to 2^53. */
export function maskKey(seed: number, draw: number): number {
  return mix(mix(seed ^ (draw % 2 ** 32)) + Math.floor(draw / 2 ** 32));
}

/** Hashes below it are dropped. */
export function dropThreshold(rate: number): number {
  return Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32));
}

/** Whether the value at a place of the batch is kept. */
export function isKept(key: number, place: number, threshold: number): boolean {
  return mix(key + Math.imul(place, 0x9e3779b9)) >= threshold;
}
