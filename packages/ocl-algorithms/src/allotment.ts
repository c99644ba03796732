import type { Allocate } from "./contract.js";
import { InputError } from "./errors.js";

type Category = Parameters<Allocate>[0];

/** Checks the function that allocates memory. */
export function checkAllocate(allocate: unknown): void {
  if (typeof allocate !== "function")
    throw new InputError(
      `Expected a function for allocate but received ${allocate === null ? "null" : `a value of type ${typeof allocate}`}; ` +
        "leave it out for plain ArrayBuffers",
    );
}

/**
 * The buffers of one algorithm: takes them from an allocator, each in multiples of 64 bytes, and
 * counts them, so that what is reported is what was taken.
 */
export class Allotment {
  readonly #allocate: Allocate;
  readonly #taken = { replay: 0, algorithm: 0 };

  /** @param allocate default: plain ArrayBuffers. */
  constructor(allocate: Allocate = (_, bytes) => new ArrayBuffer(bytes)) {
    checkAllocate(allocate);
    this.#allocate = allocate;
  }

  /** Bytes taken so far, by category. */
  get bytes(): { readonly replay: number; readonly algorithm: number } {
    return this.#taken;
  }

  /** Zeroed 32-bit floats. */
  floats(category: Category, length: number): Float32Array {
    return new Float32Array(this.#take(category, 4 * length), 0, length);
  }

  /** Zeroed 64-bit floats. */
  doubles(category: Category, length: number): Float64Array {
    return new Float64Array(this.#take(category, 8 * length), 0, length);
  }

  /** Zeroed 32-bit integers. */
  integers(category: Category, length: number): Int32Array {
    return new Int32Array(this.#take(category, 4 * length), 0, length);
  }

  /** Zeroed bytes. */
  octets(category: Category, length: number): Uint8Array {
    return new Uint8Array(this.#take(category, length), 0, length);
  }

  #take(category: Category, bytes: number): ArrayBuffer | SharedArrayBuffer {
    const whole = Math.ceil(bytes / 64) * 64;
    this.#taken[category] += whole;
    return this.#allocate(category, whole);
  }
}
