/** Bytes of requests that are being answered, up to a limit. */
export class ByteQueue {
  readonly limit: number;
  #bytes = 0;
  #waiting: { readonly bytes: number; go(): void }[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes room where there is some. */
  take(bytes: number): boolean {
    // One that is larger than all still has its turn, alone.
    if (this.#bytes > 0 && this.#bytes + bytes > this.limit) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Takes room when there is some; whoever asked first has it first. */
  takeLater(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.take(bytes)) return Promise.resolve();
    return new Promise((go) => this.#waiting.push({ bytes, go }));
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
    for (let [next] = this.#waiting; next && this.take(next.bytes); [next] = this.#waiting) {
      this.#waiting.shift();
      next.go();
    }
  }
}
