import type { Batch } from "./contract.js";

/** Copies `count` samples between flat arrays without making a view of either. */
export function copySamples(
  from: Float32Array,
  fromSample: number,
  to: Float32Array,
  toSample: number,
  count: number,
  inputLength: number,
): void {
  const [source, target] = [fromSample * inputLength, toSample * inputLength];
  for (let index = 0; index < count * inputLength; index++)
    to[target + index] = from[source + index] as number;
}

/** Copies an item, inputs and labels, to the beginning of a batch. Returns its size. */
export function copyItem(item: Batch, target: Batch, inputLength: number): number {
  copySamples(item.x, 0, target.x, 0, item.size, inputLength);
  for (let sample = 0; sample < item.size; sample++)
    target.labels[sample] = item.labels[sample] as number;
  return item.size;
}
