/**
 * Reorders the axes of a row-major tensor: axis `i` of the result is axis `axes[i]` of the input.
 */
export function transpose(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  const sizes = axes.map((axis) => shape[axis] as number);
  const steps = axes.map((axis) => strides[axis] as number);
  const result = new Float32Array(values.length);
  let written = 0;
  const copy = (depth: number, offset: number): void => {
    const [size, step] = [sizes[depth] as number, steps[depth] as number];
    const isInnermost = depth === sizes.length - 1;
    for (let index = 0; index < size; index++) {
      const at = offset + index * step;
      if (isInnermost) result[written++] = values[at] as number;
      else copy(depth + 1, at);
    }
  };
  copy(0, 0);
  return result;
}
