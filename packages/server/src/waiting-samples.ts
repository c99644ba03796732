import { randomUUID } from "node:crypto";

/** Samples that were predicted and wait for their labels: so many bytes, the oldest leave first. */
export class WaitingSamples {
  readonly #samples = new Map<string, { readonly x: Float32Array; readonly since: number }>();
  readonly #most: number;
  readonly #time: number;
  #bytes = 0;
  #expired = 0;

  constructor({ waitingBytes = 1024 ** 2, waitingTime = 600_000 }: Limits) {
    this.#most = waitingBytes;
    this.#time = waitingTime;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Samples that left without a label. */
  get expired(): number {
    return this.#expired;
  }

  /** @returns the id under which it waits. */
  add(x: Float32Array, id: string = randomUUID()): string {
    const now = performance.now();
    this.#samples.set(id, { x, since: now });
    this.#bytes += x.byteLength;
    for (const [oldest, { x, since }] of this.#samples) {
      if (this.#bytes <= this.#most && now - since <= this.#time) break;
      this.#samples.delete(oldest);
      this.#bytes -= x.byteLength;
      this.#expired++;
    }
    return id;
  }

  has(id: string): boolean {
    return this.#samples.has(id);
  }

  /** Undefined if it does not wait, or no longer. */
  take(id: string): Float32Array | undefined {
    const found = this.#samples.get(id);
    if (!found) return undefined;
    this.#samples.delete(id);
    this.#bytes -= found.x.byteLength;
    return found.x;
  }
}

interface Limits {
  readonly waitingBytes?: number | undefined;
  readonly waitingTime?: number | undefined;
}
