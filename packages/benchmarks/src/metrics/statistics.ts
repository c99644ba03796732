/** A mean over seeds with its standard error; null where there is only one value. */
export interface Estimate {
  readonly mean: number;
  readonly error: number | null;
  readonly count: number;
}

/**
 * Mean and standard error of the mean: the sample's standard deviation (over n - 1) by the root
 * of n.
 * @param values at least one.
 */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = sum(values) / count;
  if (count < 2) return { mean, error: null, count };
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (count - 1);
  return { mean, error: Math.sqrt(variance / count), count };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
