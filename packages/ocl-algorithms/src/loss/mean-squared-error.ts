/**
 * Mean squared error over samples and outputs and its gradient, as Keras' `MeanSquaredError` and
 * PyTorch's `MSELoss` define it,
 *
 * ```
 * loss = 1/(size outputs) Σ_r Σ_o (z[r, o] - y[r, o])²
 * gradient[r, o] = 2 (z[r, o] - y[r, o]) / (size outputs)
 * ```
 *
 * Allocates nothing.
 *
 * @param values what the model gives, z, [size, outputs]
 * @param targets y, [size, outputs]
 * @param gradient [size, outputs]; may be the very array of `values`.
 */
export function meanSquaredError(
  values: Float32Array,
  targets: Float32Array,
  size: number,
  outputs: number,
  gradient: Float32Array,
): number {
  const length = size * outputs;
  let total = 0;
  for (let index = 0; index < length; index++) {
    const error = (values[index] as number) - (targets[index] as number);
    total += error * error;
    gradient[index] = (2 * error) / length;
  }
  return total / length;
}

/** Squared error of one sample (row) of values [size, outputs], the mean over its outputs. */
export function squaredErrorOf(
  values: Float32Array,
  targets: Float32Array,
  sample: number,
  outputs: number,
): number {
  let total = 0;
  for (let index = sample * outputs; index < (sample + 1) * outputs; index++) {
    const error = (values[index] as number) - (targets[index] as number);
    total += error * error;
  }
  return total / outputs;
}

/**
 * Mean squared error against the targets, and against what a teacher gives where it gives anything,
 *
 * ```
 * loss = MSE(z, y) + α/(size outputs) Σ_r,o (z[r, o] - t[r, o])²
 * ```
 *
 * Allocates nothing.
 *
 * @param gradient [size, outputs]; may be the very array of `values`.
 */
export function distilledSquaredError(
  { values, targets, teacherOffset, size, outputs, alpha }: SquaredDistillation,
  gradient: Float32Array,
): number {
  const length = size * outputs;
  let total = 0;
  for (let index = 0; index < length; index++) {
    const value = values[index] as number;
    const error = value - (targets[index] as number);
    const told = targets[teacherOffset + index] as number;
    const away = told === Number.NEGATIVE_INFINITY ? 0 : value - told;
    total += error * error + alpha * away * away;
    gradient[index] = (2 * (error + alpha * away)) / length;
  }
  return total / length;
}

/** What `distilledSquaredError` is told. */
export interface SquaredDistillation {
  /** What the model gives, z, [size, outputs]. */
  readonly values: Float32Array;
  /** y, [size, outputs]; from `teacherOffset` on t, alike, -∞ where the teacher says nothing. */
  readonly targets: Float32Array;
  readonly teacherOffset: number;
  readonly size: number;
  readonly outputs: number;
  /** Weight of the teacher's term. */
  readonly alpha: number;
}
