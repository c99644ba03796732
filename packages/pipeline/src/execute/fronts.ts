/**
 * The fronts of buffers that are made for the largest batch, where a smaller one lies in them: as long
 * as what is in them, so that nobody reads on into what was left there before. Each is made once.
 */
export class Fronts {
  readonly #known = new WeakMap<Float32Array, Float32Array>();

  of(buffer: Float32Array, length: number): Float32Array {
    if (buffer.length === length) return buffer;
    const known = this.#known.get(buffer);
    if (known?.length === length) return known;
    const front = buffer.subarray(0, length);
    this.#known.set(buffer, front);
    return front;
  }
}
