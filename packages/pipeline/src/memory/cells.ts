/**
 * Control memory: the counters, indices and queues that say where everything is. It is shared
 * between threads, small, and not part of a memory budget.
 *
 * Every thread builds the same objects in the same order, so asking for cells in that order gives
 * each of them its own place in the same memory.
 */
export interface Cells {
  /** @param begin fills cells that are new; cells that another thread made are left as they are. */
  ints(count: number, begin?: (cells: Int32Array) => void): Int32Array;
  /** Zeroed 64-bit floats. */
  doubles(count: number, begin?: (cells: Float64Array) => void): Float64Array;
}

/** Makes cells and remembers them, in order. */
export class NewCells implements Cells {
  readonly buffers: SharedArrayBuffer[] = [];

  /** Zeroed 32-bit integers, or as `fill` leaves them. */
  ints(count: number, begin?: (cells: Int32Array) => void): Int32Array {
    const cells = new Int32Array(this.#make(4 * count));
    begin?.(cells);
    return cells;
  }

  /** Zeroed 64-bit floats. */
  doubles(count: number, begin?: (cells: Float64Array) => void): Float64Array {
    const cells = new Float64Array(this.#make(8 * count));
    begin?.(cells);
    return cells;
  }

  #make(bytes: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(bytes);
    this.buffers.push(buffer);
    return buffer;
  }
}

/** Gives the cells that another thread made, in the order in which it made them. */
export class AttachedCells implements Cells {
  readonly #buffers: readonly SharedArrayBuffer[];
  #next = 0;

  constructor(buffers: readonly SharedArrayBuffer[]) {
    this.#buffers = buffers;
  }

  /** Zeroed 32-bit integers, or as `fill` leaves them. */
  ints(count: number): Int32Array {
    return new Int32Array(this.#take(4 * count));
  }

  /** Zeroed 64-bit floats. */
  doubles(count: number): Float64Array {
    return new Float64Array(this.#take(8 * count));
  }

  #take(bytes: number): SharedArrayBuffer {
    const buffer = this.#buffers[this.#next++];
    if (buffer?.byteLength !== bytes)
      throw new Error(`Expected cells of ${bytes} bytes but the other thread made others`);
    return buffer;
  }
}
