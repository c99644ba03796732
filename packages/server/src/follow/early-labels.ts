/** Labels of samples, or the values that are to be predicted of them, one sample after the other. */
export type Truth = Int32Array | Float32Array;

/** Labels that came before their items: so many, the oldest leave first. */
export class EarlyLabels {
  readonly #labels: Map<string, Truth>;
  readonly #most: number;

  /** @param saved what `save` gave. */
  constructor(most: number, saved: readonly (readonly [string, readonly number[]])[] = []) {
    this.#most = most;
    // Classes are small enough for float32.
    this.#labels = new Map(saved.map(([id, y]) => [id, Float32Array.from(y)]));
  }

  get size(): number {
    return this.#labels.size;
  }

  /** @returns how many had to leave. */
  keep(id: string, y: Truth): number {
    this.#labels.delete(id);
    this.#labels.set(id, y);
    let left = 0;
    for (const oldest of this.#labels.keys()) {
      if (this.#labels.size <= this.#most) break;
      this.#labels.delete(oldest);
      left++;
    }
    return left;
  }

  take(id: string): Truth | undefined {
    const y = this.#labels.get(id);
    this.#labels.delete(id);
    return y;
  }

  /** As plain data. */
  save(): [string, number[]][] {
    return Array.from(this.#labels, ([id, y]) => [id, Array.from(y)]);
  }
}
