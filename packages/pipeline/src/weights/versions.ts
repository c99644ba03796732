/**
 * The weight versions of one stage, shared by all workers and counted by their readers.
 *
 * ```
 * slot     0      1      2      3
 * version  7      8      9(now) free
 * readers  item 3 item 5 -      -
 * ```
 *
 * A forward pass acquires the newest version and holds it until its backward pass (weight
 * stashing). An update writes into a free slot, or in place where nobody reads the newest.
 */
export class WeightVersions {
  readonly #slots: readonly Float32Array[];
  readonly #readers: Int32Array;
  readonly #versions: Float64Array;
  readonly #chain: Float32Array[] = [];
  #newest = 0;
  #mostHeld = 1;

  /** @param slots parameter vectors of equal length; the first one holds version 0. */
  constructor(slots: readonly Float32Array[]) {
    this.#slots = slots;
    this.#readers = new Int32Array(slots.length);
    this.#versions = new Float64Array(slots.length).fill(-1);
    this.#versions[0] = 0;
  }

  /** Number of updates so far. */
  get version(): number {
    return this.#versions[this.#newest] as number;
  }

  get newest(): Float32Array {
    return this.#slots[this.#newest] as Float32Array;
  }

  /** The most versions that were ever alive at once. */
  get mostHeld(): number {
    return this.#mostHeld;
  }

  /** Takes the newest version for reading; gives its slot. */
  acquire(): number {
    this.#readers[this.#newest] = (this.#readers[this.#newest] as number) + 1;
    return this.#newest;
  }

  release(slot: number): void {
    this.#readers[slot] = (this.#readers[slot] as number) - 1;
  }

  at(slot: number): Float32Array {
    return this.#slots[slot] as Float32Array;
  }

  versionAt(slot: number): number {
    return this.#versions[slot] as number;
  }

  /**
   * The versions still held from the one in `slot` to the newest, oldest first. Versions in
   * between that nobody reads are gone. The array is reused by the next call.
   */
  chain(slot: number): readonly Float32Array[] {
    const chain = this.#chain;
    chain.length = 0;
    let version = this.versionAt(slot);
    chain.push(this.at(slot));
    while (version < this.version) {
      let next = this.#newest;
      for (let other = 0; other < this.#slots.length; other++) {
        const candidate = this.versionAt(other);
        const held = (this.#readers[other] as number) > 0;
        if (held && candidate > version && candidate < this.versionAt(next)) next = other;
      }
      version = this.versionAt(next);
      chain.push(this.at(next));
    }
    return chain;
  }

  /**
   * The slot that a new newest version is to be written to, or -1 where every slot is read. It is
   * the newest one itself (an update in place) where nobody reads that.
   */
  reserve(): number {
    if (this.#readers[this.#newest] === 0) return this.#newest;
    for (let slot = 0; slot < this.#slots.length; slot++)
      if (slot !== this.#newest && this.#readers[slot] === 0) return slot;
    return -1;
  }

  /** Makes what was written to a reserved slot the newest version. */
  publish(slot: number): void {
    const version = this.version + 1;
    this.#newest = slot;
    this.#versions[slot] = version;
    let held = 0;
    for (let other = 0; other < this.#slots.length; other++)
      if (other === slot || (this.#readers[other] as number) > 0) held++;
    this.#mostHeld = Math.max(this.#mostHeld, held);
  }
}
