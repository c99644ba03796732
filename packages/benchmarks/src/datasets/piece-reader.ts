/** Runs of bytes of chosen lengths, from pieces as a file or a decompressor gives them. */
export class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held = new Uint8Array(0);
  /** What of `#held` has not been taken. */
  #start = 0;
  #end = 0;
  #isOver = false;
  /** Bytes that have been taken or passed over. */
  position = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * The next `length` bytes, good until the next call; fewer only at the end. Memory is taken as bytes
   * come, whatever length is asked for.
   */
  async take(length: number): Promise<Uint8Array> {
    while (this.#end - this.#start < length && !this.#isOver) await this.#fetch();
    const taken = Math.min(length, this.#end - this.#start);
    const start = this.#start;
    this.#start += taken;
    this.position += taken;
    return this.#held.subarray(start, start + taken);
  }

  /** Passes over bytes; returns how many there were. */
  async skip(length: number): Promise<number> {
    let passed = 0;
    while (passed < length) {
      const part = await this.take(Math.min(length - passed, 2 ** 20));
      if (part.length === 0) break;
      passed += part.length;
    }
    return passed;
  }

  /** Stops the source. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #fetch(): Promise<void> {
    const { done, value: piece } = await this.#pieces.next();
    if (done) {
      this.#isOver = true;
      return;
    }
    const rest = this.#end - this.#start;
    if (rest + piece.length > this.#held.length) {
      const larger = new Uint8Array(2 * rest + piece.length);
      larger.set(this.#held.subarray(this.#start, this.#end));
      this.#held = larger;
    } else this.#held.copyWithin(0, this.#start, this.#end);
    this.#held.set(piece, rest);
    this.#start = 0;
    this.#end = rest + piece.length;
  }
}
