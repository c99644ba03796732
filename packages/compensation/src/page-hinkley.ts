/** Numbers that a detector keeps. */
export const pageHinkleyNumbers = 5;

const count = 0;
const mean = 1;
const squares = 2;
const sum = 3;
const least = 4;

/** Values from which the mean and deviation are first believed. */
export const pageHinkleyWarmUp = 30;

/**
 * Page-Hinkley test for a rise of the mean (E. S. Page, Biometrika 41, 1954), on values in units
 * of their own deviation:
 *
 * ```
 * z = (x - mean) / deviation;  m = m + z - tolerance;  alarm where m - min m > threshold
 * ```
 *
 * With a tolerance of 0.5 and a threshold of 10 a normal series raises a false alarm about once in
 * e^10 values; a jump by three deviations is found after four.
 *
 * @param state [pageHinkleyNumbers], zeroed at first; begins anew after an alarm.
 * @returns whether this value raises an alarm.
 */
export function pageHinkley(
  state: Float64Array,
  value: number,
  tolerance: number,
  threshold: number,
): boolean {
  const [n, average, squared, drift, lowest] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (n >= pageHinkleyWarmUp) {
    const deviation = Math.sqrt(squared / n) || 1;
    const next = drift + (value - average) / deviation - tolerance;
    if (next - lowest > threshold) {
      state.fill(0);
      return true;
    }
    state[sum] = next;
    state[least] = Math.min(lowest, next);
  }
  // B. P. Welford's update of mean and squared deviations.
  const shift = value - average;
  state[count] = n + 1;
  state[mean] = average + shift / (n + 1);
  state[squares] = squared + shift * (value - (state[mean] as number));
  return false;
}
