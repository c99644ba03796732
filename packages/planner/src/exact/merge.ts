import { type Point, paretoFront } from "./front.js";

/** Whether a sum of two points may still become a solution. */
type Allows = (gain: number, bytes: number, mask: number) => boolean;

/** A pair of points that are taken together. */
export interface Pair<T> {
  readonly left: T;
  readonly right: T;
}

/** Points kept before they are sorted out. */
const mostUnsorted = 100_000;

/** The front of all sums of two points; `left` and `right` may be the same array. */
export function mergeFronts<T>(
  left: readonly Point<T>[],
  right: readonly Point<T>[],
  tolerance: number,
  allows: Allows,
): Point<Pair<T>>[] {
  return tolerance > 0
    ? mergeIntoBuckets(left, right, tolerance, allows)
    : mergeExactly(left, right, allows);
}

function mergeExactly<T>(
  left: readonly Point<T>[],
  right: readonly Point<T>[],
  allows: Allows,
): Point<Pair<T>>[] {
  let merged: Point<Pair<T>>[] = [];
  let limit = mostUnsorted;
  left.forEach((a, i) => {
    for (let j = left === right ? i : 0; j < right.length; j += 1) {
      const b = right[j] as Point<T>;
      const gain = a.gain + b.gain;
      const bytes = a.bytes + b.bytes;
      const mask = a.mask | b.mask;
      if (allows(gain, bytes, mask))
        merged.push({ gain, bytes, mask, made: { left: a.made, right: b.made } });
    }
    if (merged.length < limit) return;
    merged = paretoFront(merged, 0);
    limit = merged.length + mostUnsorted;
  });
  return paretoFront(merged, 0);
}

function rangeOf<T>(points: readonly Point<T>[]): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { gain } of points) {
    least = Math.min(least, gain);
    most = Math.max(most, gain);
  }
  return { least, most };
}

/** Smaller gains than this share of the largest one are one bucket. */
const leastShare = 1e-9;

/**
 * One sum for each bucket of gains within 1 + tolerance, the one with the fewest bytes: most pairs
 * are looked at and forgotten, and nothing is sorted.
 */
function mergeIntoBuckets<T>(
  left: readonly Point<T>[],
  right: readonly Point<T>[],
  tolerance: number,
  allows: Allows,
): Point<Pair<T>>[] {
  const [leftRange, rightRange] = [rangeOf(left), rangeOf(right)];
  const most = leftRange.most + rightRange.most;
  const least = Math.max(leastShare, (leftRange.least + rightRange.least) / most);
  const scale = 1 / Math.log1p(tolerance);
  const count = 2 + Math.ceil(-Math.log(least) * scale);
  const byMask = new Map<number, { bytes: Float64Array; pair: Int32Array }>();
  left.forEach((a, i) => {
    for (let j = left === right ? i : 0; j < right.length; j += 1) {
      const b = right[j] as Point<T>;
      const gain = a.gain + b.gain;
      const bytes = a.bytes + b.bytes;
      const mask = a.mask | b.mask;
      if (!allows(gain, bytes, mask)) continue;
      let buckets = byMask.get(mask);
      if (buckets === undefined) {
        const bytesOf = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
        buckets = { bytes: bytesOf, pair: new Int32Array(2 * count) };
        byMask.set(mask, buckets);
      }
      const share = Math.max(least, gain / most);
      const bucket = Math.floor(-Math.log(share) * scale);
      if (bytes >= (buckets.bytes[bucket] as number)) continue;
      buckets.bytes[bucket] = bytes;
      buckets.pair[2 * bucket] = i;
      buckets.pair[2 * bucket + 1] = j;
    }
  });
  const merged: Point<Pair<T>>[] = [];
  for (const [mask, { bytes, pair }] of byMask)
    bytes.forEach((held, bucket) => {
      if (held === Number.POSITIVE_INFINITY) return;
      const a = left[pair[2 * bucket] as number] as Point<T>;
      const b = right[pair[2 * bucket + 1] as number] as Point<T>;
      const made = { left: a.made, right: b.made };
      merged.push({ gain: a.gain + b.gain, bytes: held, mask, made });
    });
  return paretoFront(merged, 0);
}
