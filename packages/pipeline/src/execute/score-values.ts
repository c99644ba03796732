/** Mean squared error of what was predicted, over samples and outputs. */
export function meanSquaredErrorOf(
  values: Float32Array,
  targets: Float32Array,
  length: number,
): number {
  let total = 0;
  for (let index = 0; index < length; index++) {
    const error = (values[index] as number) - (targets[index] as number);
    total += error * error;
  }
  return total / length;
}

/** Whether samples, two or more, were all predicted as the same values, to the bit. */
export function areAlike(values: Float32Array, size: number, outputs: number): boolean {
  for (let index = outputs; index < size * outputs; index++)
    if (values[index] !== values[index - outputs]) return false;
  return size > 1;
}
