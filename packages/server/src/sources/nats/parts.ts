import type { EncodedMessage, HeaderOf } from "./message-format.js";

/** Headers of a message that was too large for one: which of how many parts, of which message. */
const header = { batch: "Ferret-Batch", part: "Ferret-Part", parts: "Ferret-Parts" } as const;

/** More parts are taken for a mistake. */
const mostParts = 65_536;
/** Bytes of parts whose message is not whole yet. */
const mostHeldBytes = 256 * 2 ** 20;
/** Milliseconds, by the server's clock, in which the last part has to come. */
const patience = 600_000;
/** Bytes of what the protocol adds, headers of parts and the message's id among it. */
const overhead = 512;

/**
 * A message in parts that a server takes.
 * @param batch the message's name among all of its stream.
 * @param mostBytes the server's `max_payload`, which counts headers.
 */
export function splitMessage(
  { headers, data }: EncodedMessage,
  batch: string,
  mostBytes: number,
): EncodedMessage[] {
  const used = Object.entries(headers).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + 4,
    overhead + 2 * Buffer.byteLength(batch),
  );
  const room = Math.max(1, mostBytes - used);
  if (data.length <= room) return [{ headers, data }];
  const parts = Math.ceil(data.length / room);
  return Array.from({ length: parts }, (_, part) => ({
    headers: {
      ...headers,
      [header.batch]: batch,
      [header.part]: String(part),
      [header.parts]: String(parts),
    },
    data: data.subarray(part * room, (part + 1) * room),
  }));
}

/** Messages of which parts are missing: the sequence of the first part that came, by name. */
export type OpenBatches = Readonly<Record<string, number>>;

interface Batch {
  readonly parts: (Uint8Array | undefined)[];
  readonly first: number;
  readonly since: number;
  left: number;
  bytes: number;
}

/** What comes of a message of the stream. */
export interface Assembled {
  /** A whole message; undefined: parts are missing. */
  readonly data?: Uint8Array;
  /** What is wrong with this message, or with others that have to be given up. */
  readonly faults: readonly string[];
}

/**
 * Puts messages together that came in parts, which may lie among others.
 *
 * ```
 *   sequence  7 A1/3   8 B   9 A2/3   10 A3/3
 *   gives              B                    A
 *   open                A: 7  A: 7
 * ```
 */
export class PartAssembler {
  readonly #batches = new Map<string, Batch>();
  #bytes = 0;

  /** For a position: where to go on from is the least of them, or behind it. */
  get open(): OpenBatches | undefined {
    if (this.#batches.size === 0) return undefined;
    return Object.fromEntries(Array.from(this.#batches, ([name, { first }]) => [name, first]));
  }

  /**
   * @param time of the message, ms, by the server's clock, so that a repetition gives up the same.
   * @param wanted the only message of which parts are taken; undefined: all.
   */
  add(
    headerOf: HeaderOf,
    data: Uint8Array,
    sequence: number,
    time: number,
    wanted?: OpenBatches,
  ): Assembled {
    const faults = this.#giveUp(time);
    const name = headerOf(header.batch);
    if (!name) return { data, faults };
    if (wanted && !Object.hasOwn(wanted, name)) return { faults };
    const part = countOf(headerOf(header.part));
    const count = countOf(headerOf(header.parts));
    if (!(count <= mostParts && part < count))
      return {
        faults: [
          ...faults,
          `Expected a part of at most ${mostParts} of ${name} but it says neither`,
        ],
      };
    let batch = this.#batches.get(name);
    if (!batch) {
      const parts = new Array<Uint8Array | undefined>(count);
      batch = { parts, first: sequence, since: time, left: count, bytes: 0 };
      this.#batches.set(name, batch);
    }
    if (batch.parts.length !== count)
      return {
        faults: [
          ...faults,
          `Expected one of ${batch.parts.length} parts of ${name} but it is one of ${count}`,
        ],
      };
    // A second copy.
    if (batch.parts[part]) return { faults };
    batch.parts[part] = data;
    batch.left--;
    batch.bytes += data.length;
    this.#bytes += data.length;
    if (batch.left > 0) return { faults: [...faults, ...this.#makeRoom()] };
    this.#remove(name, batch);
    return { data: Buffer.concat(batch.parts as Uint8Array[]), faults };
  }

  #remove(name: string, batch: Batch): void {
    this.#batches.delete(name);
    this.#bytes -= batch.bytes;
  }

  #giveUp(now: number): string[] {
    const faults: string[] = [];
    for (const [name, batch] of this.#batches) {
      if (now - batch.since <= patience) break;
      faults.push(this.#missing(name, batch, `after ${patience / 1000} s`));
    }
    return faults;
  }

  #makeRoom(): string[] {
    const faults: string[] = [];
    for (const [name, batch] of this.#batches) {
      if (this.#bytes <= mostHeldBytes) break;
      faults.push(this.#missing(name, batch, `when more than ${mostHeldBytes} bytes waited`));
    }
    return faults;
  }

  #missing(name: string, batch: Batch, when: string): string {
    this.#remove(name, batch);
    const { length } = batch.parts;
    return `Expected ${length} parts of message ${name} but ${length - batch.left} had come ${when}`;
  }
}

/** NaN for anything but a count. */
function countOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
