import { randomUUID } from "node:crypto";
import { AgeOrder } from "./age-order.js";
import { expected, InputError, TakenIdError, UnknownIdError } from "./errors.js";

/** What a sample takes besides its values: its id, its place and when it came. */
const bytesOfEntry = 256;
/** Characters of an id. */
const longestId = 128;
/** As JSON, in a checkpoint. */
const mostBytes = 2 ** 25;

/** How many samples wait, and for how long. */
export interface WaitingLimits {
  /** Bytes that may be held. */
  readonly bytes: number;
  /** Milliseconds that a sample waits. */
  readonly time: number;
}

/** A sample that has left the store, and what was predicted of it. */
export interface WaitedSample {
  readonly id: string;
  /** [inputLength] */
  readonly x: Float32Array;
  /** The class, or the values. */
  readonly predicted: Float32Array;
}

/** What a checkpoint keeps of the store. */
export interface SavedSamples {
  readonly ids: readonly string[];
  /** Milliseconds since 1970 at which each came. */
  readonly since: readonly number[];
  /** Base64 of float32, little-endian: of each sample its values, then what was predicted. */
  readonly values: string;
  readonly expired: number;
}

/**
 * Samples that were predicted and wait for their labels: in memory that is taken once, the oldest leave
 * first.
 *
 * ```
 *   places   | x, predicted | x, predicted |   free   | x, predicted |
 *   by id        "a" ──┘        "b" ──┘                    "c" ──┘       in the order in which they came
 * ```
 */
export class WaitingSamples {
  /** Bytes that are set aside, whether or not samples wait. */
  readonly plannedBytes: number;
  /** Samples that there is room for. */
  readonly room: number;
  readonly #inputLength: number;
  readonly #rowLength: number;
  readonly #time: number;
  readonly #values: Float32Array;
  /** By place: when its sample came, as `performance.now` has it. */
  readonly #since: Float64Array;
  readonly #free: Int32Array;
  readonly #places = new Map<string, number>();
  /** By place. */
  readonly #ids: string[];
  /** Of the places, as their samples came. A map's own order would be searched from its beginning. */
  readonly #order: AgeOrder;
  /** Ids of samples that are being predicted. */
  readonly #reserved = new Set<string>();
  #freeCount: number;
  #expired = 0;

  /**
   * @param inputLength values of a sample.
   * @param predictedLength what was predicted of it.
   * @throws InputError where there is no room for a sample.
   */
  constructor(inputLength: number, predictedLength: number, { bytes, time }: WaitingLimits) {
    this.#inputLength = inputLength;
    this.#rowLength = inputLength + predictedLength;
    const bytesOfSample = 4 * this.#rowLength + bytesOfEntry;
    if (!(bytes >= bytesOfSample && bytes <= mostBytes))
      throw expected(
        `a size from ${bytesOfSample} bytes, which one sample takes, to ${mostBytes}`,
        "waitingBytes",
        bytes,
      );
    if (!(time > 0)) throw expected("a time above 0", "waitingTime", time);
    this.room = Math.floor(bytes / bytesOfSample);
    this.plannedBytes = this.room * bytesOfSample;
    this.#time = time;
    this.#values = new Float32Array(this.room * this.#rowLength);
    this.#since = new Float64Array(this.room);
    this.#free = Int32Array.from({ length: this.room }, (_, place) => place);
    this.#freeCount = this.room;
    this.#ids = new Array<string>(this.room).fill("");
    this.#order = new AgeOrder(this.room);
  }

  /** Samples that wait. */
  get count(): number {
    this.#expire();
    return this.#places.size;
  }

  /** Samples that left without a label. */
  get expired(): number {
    this.#expire();
    return this.#expired;
  }

  /** Whether a sample waits under the id. */
  has(id: string): boolean {
    this.#expire();
    return this.#places.has(id);
  }

  /**
   * Keeps an id for a sample that is being predicted: `add` or `release` are to follow.
   * @throws TakenIdError where it is in use; InputError where it is none.
   */
  reserve(id: string = randomUUID()): string {
    checkId(id);
    this.#expire();
    if (this.#places.has(id) || this.#reserved.has(id)) throw new TakenIdError(id);
    this.#reserved.add(id);
    return id;
  }

  /** Gives a reserved id back. */
  release(id: string): void {
    this.#reserved.delete(id);
  }

  /** Keeps a sample under an id that is reserved; where there is no room, the oldest one leaves. */
  add(id: string, x: Float32Array, predicted: ArrayLike<number>): void {
    this.#expire();
    this.#reserved.delete(id);
    if (this.#freeCount === 0) {
      this.#leave(this.#ids[this.#order.oldest as number] as string);
      this.#expired++;
    }
    const place = this.#free[--this.#freeCount] as number;
    this.#values.set(x, place * this.#rowLength);
    this.#values.set(predicted, place * this.#rowLength + this.#inputLength);
    this.#since[place] = performance.now();
    this.#places.set(id, place);
    this.#ids[place] = id;
    this.#order.add(place);
  }

  /**
   * Takes samples out of the store, all of them or none. Their ids stay reserved: `release` is to follow
   * for each, or `add` where it is to wait on.
   * @throws UnknownIdError if one of them does not wait, or no longer; InputError if one is there twice.
   */
  takeAll(ids: readonly string[]): WaitedSample[] {
    this.#expire();
    const seen = new Set<string>();
    for (const id of ids) {
      checkId(id);
      if (seen.has(id)) throw expected("one label for each sample", "id", id);
      seen.add(id);
    }
    const unknown = ids.filter((id) => !this.#places.has(id));
    if (unknown.length > 0) throw new UnknownIdError(unknown);
    return ids.map((id) => {
      const begin = (this.#places.get(id) as number) * this.#rowLength;
      const row = this.#values.slice(begin, begin + this.#rowLength);
      this.#leave(id);
      this.#reserved.add(id);
      return {
        id,
        x: row.subarray(0, this.#inputLength),
        predicted: row.subarray(this.#inputLength),
      };
    });
  }

  /** Plain data to go on from. */
  save(): SavedSamples {
    this.#expire();
    const now = performance.now();
    const values = new Float32Array(this.#places.size * this.#rowLength);
    const since: number[] = [];
    for (const place of this.#places.values()) {
      const row = this.#values.subarray(place * this.#rowLength, (place + 1) * this.#rowLength);
      values.set(row, since.length * this.#rowLength);
      since.push(Math.round(Date.now() - (now - (this.#since[place] as number))));
    }
    return {
      ids: [...this.#places.keys()],
      since,
      values: Buffer.from(values.buffer).toString("base64"),
      expired: this.#expired,
    };
  }

  /**
   * Goes on from what `save` gave; the time in between counts. Where there is less room now, the oldest
   * ones leave.
   * @throws InputError where it is of other samples.
   */
  restore({ ids, since, values, expired }: SavedSamples): void {
    const bytes = Buffer.from(values, "base64");
    if (bytes.byteLength !== 4 * ids.length * this.#rowLength || since.length !== ids.length)
      throw new InputError(
        `Expected ${ids.length} samples of ${this.#rowLength} numbers to wait in the checkpoint but it has ` +
          `${bytes.byteLength} bytes of them; open it with the program that has written it`,
      );
    const rows = new Float32Array(bytes.byteLength / 4);
    Buffer.from(rows.buffer).set(bytes);
    this.#expired = expired;
    const now = performance.now();
    for (const [index, id] of ids.entries()) {
      const row = rows.subarray(index * this.#rowLength, (index + 1) * this.#rowLength);
      const x = row.subarray(0, this.#inputLength);
      this.add(this.reserve(id), x, row.subarray(this.#inputLength));
      const age = Math.max(0, Date.now() - (since[index] as number));
      this.#since[this.#places.get(id) as number] = now - age;
    }
    this.#expire();
  }

  #expire(): void {
    const limit = performance.now() - this.#time;
    for (let place = this.#order.oldest; place !== undefined; place = this.#order.oldest) {
      if ((this.#since[place] as number) >= limit) return;
      this.#leave(this.#ids[place] as string);
      this.#expired++;
    }
  }

  #leave(id: string): void {
    const place = this.#places.get(id) as number;
    this.#places.delete(id);
    this.#order.remove(place);
    this.#free[this.#freeCount++] = place;
  }
}

function checkId(id: unknown): void {
  if (typeof id !== "string" || id.length === 0 || id.length > longestId)
    throw expected(`a text of 1 to ${longestId} characters`, "id", id);
}
