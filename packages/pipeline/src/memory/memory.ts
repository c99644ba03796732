import type { MemoryCategory } from "@ferret-ocl/planner";
import { align64 } from "../model/shape.js";

/** Gives the buffers of a run, each for a purpose. */
export abstract class Memory {
  /** A zeroed buffer of at least `bytes` bytes, whole lines of 64. */
  abstract allocate(category: MemoryCategory, bytes: number): SharedArrayBuffer;

  floats(category: MemoryCategory, length: number): Float32Array {
    return new Float32Array(this.allocate(category, 4 * length), 0, length);
  }

  ints(category: MemoryCategory, length: number): Int32Array {
    return new Int32Array(this.allocate(category, 4 * length), 0, length);
  }

  bytes(category: MemoryCategory, length: number): Uint8Array {
    return new Uint8Array(this.allocate(category, length), 0, length);
  }
}

/** Passes requests on and remembers what it gave, so that another thread can attach to it. */
export class RecordedMemory extends Memory {
  readonly buffers: SharedArrayBuffer[] = [];
  readonly #source: Memory;

  constructor(source: Memory) {
    super();
    this.#source = source;
  }

  allocate(category: MemoryCategory, bytes: number): SharedArrayBuffer {
    const buffer = this.#source.allocate(category, bytes);
    this.buffers.push(buffer);
    return buffer;
  }
}

/** Gives the buffers that another thread was given, in the same order. */
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
