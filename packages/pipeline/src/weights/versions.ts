import type { Cells } from "../memory/cells.js";

const nobody = -1;

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
 * stashing). An update reserves a free slot, or the newest one itself where nobody reads it,
 * writes there and publishes.
 *
 * Between threads every method is called under one lock; only what lies in a slot is read and
 * written outside it.
 */
export class WeightVersions {
  readonly #slots: readonly Float32Array[];
  readonly #readers: Int32Array;
  readonly #versions: Float64Array;
  /** By slot: gradients that its version was made of, one after the other. */
  readonly #gradients: Float64Array;
  /** The newest slot, the most versions alive at once, the slot that an update writes. */
  readonly #state: Int32Array;
  readonly #chain: Float32Array[] = [];

  /** @param slots parameter vectors of equal length; the first one holds version 0. */
  constructor(slots: readonly Float32Array[], cells: Cells) {
    this.#slots = slots;
    this.#readers = cells.ints(slots.length);
    this.#versions = cells.doubles(slots.length, (versions) => versions.fill(-1, 1));
    this.#gradients = cells.doubles(slots.length);
    this.#state = cells.ints(3, (state) => state.set([0, 1, nobody]));
  }

  /** Versions that there is room for. */
  get slotCount(): number {
    return this.#slots.length;
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
    return this.#state[1] as number;
  }

  /** Takes over what was counted before under the same plan. */
  restoreMostHeld(versions: number): void {
    this.#state[1] = Math.max(this.mostHeld, versions);
  }

  /** False while an update writes over the newest version in place, or has closed it. */
  get readable(): boolean {
    return this.#state[2] !== this.#newest;
  }

  /** Takes the newest version for reading; gives its slot. The caller has looked at `readable`. */
  acquire(): number {
    const slot = this.#newest;
    this.#readers[slot] = (this.#readers[slot] as number) + 1;
    return slot;
  }

  release(slot: number): void {
    this.#readers[slot] = (this.#readers[slot] as number) - 1;
  }

  /** Takes a version for reading that was let go a moment ago, under the same lock. */
  retain(slot: number): void {
    this.#readers[slot] = (this.#readers[slot] as number) + 1;
  }

  at(slot: number): Float32Array {
    return this.#slots[slot] as Float32Array;
  }

  versionAt(slot: number): number {
    return this.#versions[slot] as number;
  }

  /** Gradients that were taken in since the version in a slot, up to the newest one. */
  gradientsSince(slot: number): number {
    return (this.#gradients[this.#newest] as number) - (this.#gradients[slot] as number);
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
   * the newest one itself (an update in place) where nobody reads that and `inPlace` allows it.
   */
  reserve(inPlace = true): number {
    const slot = this.#findFree(inPlace);
    this.#state[2] = slot;
    return slot;
  }

  /** Lets nobody begin to read the newest version until an update has been published. */
  close(): void {
    this.#state[2] = this.#newest;
  }

  /** Gives up a reserved slot: the newest version stays. */
  cancel(): void {
    this.#state[2] = nobody;
  }

  /** Counts a version that is equal to the newest one, and lies where that does. */
  repeat(): void {
    this.#versions[this.#newest] = this.version + 1;
  }

  /**
   * Makes what was written to a reserved slot the newest version.
   * @param gradients that it is more of than the one before.
   */
  publish(slot: number, gradients = 1): void {
    const version = this.version + 1;
    this.#gradients[slot] = (this.#gradients[this.#newest] as number) + gradients;
    this.#state[0] = slot;
    this.#state[2] = nobody;
    this.#versions[slot] = version;
    let held = 0;
    for (let other = 0; other < this.#slots.length; other++)
      if (other === slot || (this.#readers[other] as number) > 0) held++;
    this.#state[1] = Math.max(this.mostHeld, held);
  }

  /** Brings the newest version into the first slot, when nobody reads any. */
  settle(): void {
    if (this.#newest === 0) return;
    this.at(0).set(this.newest);
    this.#versions[0] = this.version;
    this.#gradients[0] = this.#gradients[this.#newest] as number;
    this.#versions[this.#newest] = nobody;
    this.#state[0] = 0;
  }

  get #newest(): number {
    return this.#state[0] as number;
  }

  #findFree(inPlace: boolean): number {
    if (inPlace && this.#readers[this.#newest] === 0) return this.#newest;
    for (let slot = 0; slot < this.#slots.length; slot++)
      if (slot !== this.#newest && this.#readers[slot] === 0) return slot;
    return nobody;
  }
}
