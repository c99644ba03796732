import type { MemoryCategory } from "@ferret-ocl/planner";
import { align64 } from "../model/shape.js";

/** Hands out the buffers of a run, each for a purpose. */
export abstract class Memory {
  /** A zeroed buffer of at least `bytes` bytes, a multiple of 64. */
  abstract allocate(category: MemoryCategory, bytes: number): SharedArrayBuffer;

  /** Zeroed 32-bit floats. */
  floats(category: MemoryCategory, length: number): Float32Array {
    return new Float32Array(this.allocate(category, 4 * length), 0, length);
  }

  /** Zeroed 32-bit integers. */
  ints(category: MemoryCategory, length: number): Int32Array {
    return new Int32Array(this.allocate(category, 4 * length), 0, length);
  }

  /** Zeroed bytes. */
  bytes(category: MemoryCategory, length: number): Uint8Array {
    return new Uint8Array(this.allocate(category, length), 0, length);
  }
}

/**
 * Passes requests on to a ledger and remembers what it handed out, so that another thread can
 * attach to it, and all of it can be released at once.
 */
export class RecordedMemory extends Memory {
  readonly #ledger: Lender;
  #given: { category: MemoryCategory; buffer: SharedArrayBuffer }[] = [];

  constructor(ledger: Lender) {
    super();
    this.#ledger = ledger;
  }

  get buffers(): SharedArrayBuffer[] {
    return this.#given.map(({ buffer }) => buffer);
  }

  /** Bytes that `releaseAll` would release. */
  get held(): number {
    return this.#given.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  allocate(category: MemoryCategory, bytes: number): SharedArrayBuffer {
    const buffer = this.#ledger.allocate(category, bytes);
    this.#given.push({ category, buffer });
    return buffer;
  }

  releaseAll(): void {
    for (const { category, buffer } of this.#given) this.#ledger.release(category, buffer);
    this.#given = [];
  }
}

/** Memory that can be released; the ledger. */
interface Lender extends Memory {
  release(category: MemoryCategory, buffer: SharedArrayBuffer): void;
}

/** Hands out the buffers that another thread was given, in the same order. */
export class AttachedMemory extends Memory {
  readonly #buffers: readonly SharedArrayBuffer[];
  #next = 0;

  constructor(buffers: readonly SharedArrayBuffer[]) {
    super();
    this.#buffers = buffers;
  }

  allocate(category: MemoryCategory, bytes: number): SharedArrayBuffer {
    const buffer = this.#buffers[this.#next++];
    if (buffer?.byteLength !== align64(bytes))
      throw new Error(
        `Expected a buffer of ${align64(bytes)} bytes for ${category} but the other thread made others`,
      );
    return buffer;
  }
}
