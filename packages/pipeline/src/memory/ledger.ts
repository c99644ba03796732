import { totalmem } from "node:os";
import { formatBytes, type MemoryCategory, memoryCategories } from "@ferret-ocl/planner";
import { expected, InputError } from "../errors.js";
import { align64 } from "../model/shape.js";
import { Memory } from "./memory.js";

export { type MemoryCategory, memoryCategories };

/** Bytes held, by category and in total. */
export interface MemoryUse {
  readonly total: number;
  readonly byCategory: Record<MemoryCategory, number>;
}

function emptyUse(): Record<MemoryCategory, number> {
  return Object.fromEntries(memoryCategories.map((category) => [category, 0])) as Record<
    MemoryCategory,
    number
  >;
}

/** Null if no such buffer can be allocated. */
function newBuffer(size: number): SharedArrayBuffer | null {
  try {
    return new SharedArrayBuffer(size);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Hands out every buffer of a run and refuses to go over the budget.
 *
 * Buffers are shared, so that threads can work on them, zeroed, and rounded up to 64 bytes.
 */
export class Ledger extends Memory {
  #budget: number | null;
  readonly #current = emptyUse();
  #total = 0;
  #peak: MemoryUse = { total: 0, byCategory: emptyUse() };

  /** @param budget bytes that may be held at once; null for no limit. */
  constructor(budget: number | null = null) {
    super();
    checkBudget(budget);
    this.#budget = budget;
  }

  /**
   * A zeroed buffer of at least `bytes` bytes.
   * @throws InputError if the budget, or the memory of this machine, would be exceeded; names the
   * category and the missing bytes.
   */
  allocate(category: MemoryCategory, bytes: number): SharedArrayBuffer {
    if (!memoryCategories.includes(category))
      throw expected(`one of ${memoryCategories.join(", ")}`, "category", category);
    if (!(Number.isSafeInteger(bytes) && bytes >= 0))
      throw expected("a whole number of bytes", category, bytes);
    const size = align64(bytes);
    if (this.#budget !== null && this.#total + size > this.#budget)
      throw new InputError(
        `Expected ${category} to fit the memory budget of ${this.#budget} bytes but ` +
          `${this.#total + size - this.#budget} bytes are missing for a buffer of ${size}; ` +
          "raise the budget or plan for a smaller one",
      );
    const buffer = size > totalmem() - this.#total ? null : newBuffer(size);
    if (!buffer)
      throw new InputError(
        `Expected ${category} to fit this machine's memory of ${formatBytes(totalmem())} but a ` +
          `buffer of ${formatBytes(size)} beside the ${formatBytes(this.#total)} that are held ` +
          "cannot be allocated; make the model or the batch smaller",
      );
    // The system allocates pages only when they are first written: do it now, not while an item
    // waits.
    new Uint8Array(buffer).fill(0);
    this.#current[category] += size;
    this.#total += size;
    if (this.#total > this.#peak.total)
      this.#peak = { total: this.#total, byCategory: { ...this.#current } };
    return buffer;
  }

  /** Releases a buffer; it must not be used afterwards. */
  release(category: MemoryCategory, buffer: SharedArrayBuffer): void {
    this.#current[category] -= buffer.byteLength;
    this.#total -= buffer.byteLength;
  }

  /** Changes the budget; what is already held stays. */
  limit(budget: number | null): void {
    checkBudget(budget);
    this.#budget = budget;
  }

  get budget(): number | null {
    return this.#budget;
  }

  /** Bytes held now. */
  get held(): MemoryUse {
    return { total: this.#total, byCategory: { ...this.#current } };
  }

  /** Takes over the peak of a run that goes on in this one, if it is higher. */
  remember(peak: MemoryUse): void {
    if (peak.total > this.#peak.total)
      this.#peak = { total: peak.total, byCategory: { ...peak.byCategory } };
  }

  /** The most that was ever held at once, and what it was made of at that moment. */
  get peak(): MemoryUse {
    return this.#peak;
  }
}

/** @throws InputError unless it is a number of bytes, or null for no limit. */
function checkBudget(budget: number | null): void {
  if (budget !== null && !(typeof budget === "number" && budget >= 0))
    throw expected("a number of bytes, or null for no limit,", "budget", budget);
}
