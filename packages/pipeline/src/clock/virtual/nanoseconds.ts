/**
 * A duration on a virtual clock: whole nanoseconds, so that equal times are equal and a run repeats
 * to the last bit; at least one, so that time goes on.
 */
export function nanoseconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * 1e6));
}
