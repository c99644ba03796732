/** Labels that came before their items: so many, the oldest leave first. */
export class EarlyLabels {
  readonly #labels: Map<string, Int32Array>;
  readonly #most: number;

  /** @param saved what `save` gave. */
  constructor(most: number, saved: readonly (readonly [string, readonly number[]])[] = []) {
    this.#most = most;
    this.#labels = new Map(saved.map(([id, y]) => [id, Int32Array.from(y)]));
  }

  get size(): number {
    return this.#labels.size;
  }

  /** @returns how many had to leave. */
  keep(id: string, y: Int32Array): number {
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

  take(id: string): Int32Array | undefined {
    const y = this.#labels.get(id);
    this.#labels.delete(id);
    return y;
  }

  /** As plain data. */
  save(): [string, number[]][] {
    return Array.from(this.#labels, ([id, y]) => [id, Array.from(y)]);
  }
}
