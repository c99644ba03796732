import type { Stream } from "../streams/contract.js";

/** How often a stream brought the samples that it is made of. */
export interface Exposure {
  /** Samples that the training split has, and those of them that came at all. */
  readonly samples: number;
  readonly seen: number;
  /** How often one of those that came did: the least and the most times. */
  readonly least: number;
  readonly most: number;
}

/** Counts what the first `items` items of a stream held. */
export function exposureOf(
  { batch, sampleCount, sampleAt }: Pick<Stream, "batch" | "sampleCount" | "sampleAt">,
  items: number,
): Exposure {
  const times = new Uint32Array(sampleCount);
  for (let item = 0; item < items; item++)
    for (let place = 0; place < batch; place++) times[sampleAt(item, place)]! += 1;
  let [seen, least, most] = [0, 0, 0];
  for (const count of times) {
    if (count === 0) continue;
    seen++;
    least = seen === 1 ? count : Math.min(least, count);
    most = Math.max(most, count);
  }
  return { samples: sampleCount, seen, least, most };
}
