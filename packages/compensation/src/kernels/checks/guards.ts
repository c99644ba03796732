const count = 19;
const guard = 7.75;

/** A copy between numbers that nothing may touch; it starts off a 64-byte line. */
export function guarded<Vector extends Float32Array | Float64Array>(values: Vector): Vector {
  const Constructor = values.constructor as new (length: number) => Vector;
  const all = new Constructor(values.length + 2 * count).fill(guard);
  const array = all.subarray(count, count + values.length) as Vector;
  array.set(values);
  return array;
}

/** @throws Error where the numbers around a guarded array have changed. */
export function checkGuards(name: string, array: Float32Array | Float64Array): void {
  const Constructor = array.constructor as new (memory: ArrayBufferLike) => typeof array;
  new Constructor(array.buffer).forEach((value, place) => {
    const index = place - count;
    if ((index < 0 || index >= array.length) && value !== guard)
      throw new Error(
        `Expected nothing to be written beside the ${array.length} elements of ${name} but the kernel wrote ${value} at ${index}`,
      );
  });
}
