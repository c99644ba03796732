import { isUint8Array } from "node:util/types";
import { crc32 } from "node:zlib";
import type { AlgorithmShape } from "./contract.js";
import { InputError } from "./errors.js";

/** A fixed number of values that are saved together. */
export interface NumberPart {
  /** A copy of its numbers. */
  save(): readonly number[];
  /** Continues from what `save` returned. */
  restore(values: readonly number[]): void;
}

/** Memory that is saved as it is, and is filled again in place. */
export type ArrayPart = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What an algorithm remembers, by name: arrays, and objects that save themselves as numbers. */
export type StateParts = Readonly<Record<string, NumberPart | ArrayPart>>;

/** The algorithm that the state belongs to; the state of another is refused. */
export interface StateOwner {
  /** Name of the algorithm. */
  readonly algorithm: string;
  readonly shape: AlgorithmShape;
  /** All settings that its state depends on, including defaults; not the seed. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The part between the fixed beginning of a state and its content. */
interface Header {
  readonly algorithm: string;
  readonly shape: Readonly<Record<string, number | string>>;
  readonly options: Readonly<Record<string, unknown>>;
  /** Byte order of the content. */
  readonly order: string;
  /** Name, type and length of each part. */
  readonly parts: readonly (readonly [string, string, number])[];
}

const magic = "FERRETST";
const version = 1;
/** Magic, version, length of the header. */
const fixed = magic.length + 8;
const remedy = "create the algorithm as it was when its state was saved";

/**
 * The state of an algorithm as bytes that say what they are and can be checked:
 *
 * ```
 * "FERRETST" | version u32 | header length u32 | header (JSON, UTF-8) | content | CRC-32 u32
 * ```
 *
 * The header names the algorithm, its shape, its options and every part of the content; numbers are
 * little-endian, the content in the byte order that the header names. One damaged byte, or up to 32
 * damaged bits in a row, never pass (CRC-32, ISO 3309).
 *
 * ```ts
 * const state = new AlgorithmState({ algorithm: "mine", shape, options: { replay } }, {
 *   random,
 *   ...buffer.parts(),
 * });
 * // in the object: save: () => state.save(), restore: (saved) => state.restore(saved)
 * ```
 */
export class AlgorithmState {
  readonly #owner: StateOwner;
  readonly #parts: readonly (readonly [string, NumberPart | ArrayPart])[];

  constructor(owner: StateOwner, parts: StateParts) {
    this.#owner = owner;
    this.#parts = Object.entries(parts);
  }

  /** A copy of all parts as they are. */
  save(): Uint8Array {
    const values = this.#parts.map(([, part]) => bytesOf(part));
    const header = new TextEncoder().encode(JSON.stringify(this.#header()));
    const content = values.reduce((sum, { length }) => sum + length, 0);
    const saved = new Uint8Array(fixed + header.length + content + 4);
    const view = new DataView(saved.buffer);
    saved.set(new TextEncoder().encode(magic));
    view.setUint32(magic.length, version, true);
    view.setUint32(magic.length + 4, header.length, true);
    saved.set(header, fixed);
    let offset = fixed + header.length;
    for (const each of values) {
      saved.set(each, offset);
      offset += each.length;
    }
    view.setUint32(offset, crc32(saved.subarray(0, offset)), true);
    return saved;
  }

  /**
   * Fills all parts, or none if the bytes are refused.
   * @throws InputError for bytes that are not a state, are damaged, or belong to an algorithm of
   *   another name, shape or options.
   */
  restore(saved: Uint8Array): void {
    const { header, content } = open(saved);
    this.#compare(header);
    const length = this.#parts.reduce((sum, [, part]) => sum + bytesOf(part).length, 0);
    expectSame("bytes of content", length, content.length, header.algorithm);
    let offset = 0;
    for (const [, part] of this.#parts) {
      const own = bytesOf(part);
      const bytes = content.slice(offset, offset + own.length);
      offset += own.length;
      if (isNumbers(part)) part.restore([...new Float64Array(bytes.buffer)]);
      else own.set(bytes);
    }
  }

  #header(): Header {
    const { algorithm, shape, options = {} } = this.#owner;
    const { batch, inputLength, classes, parameterCount, loss } = shape;
    return {
      algorithm,
      shape: { batch, inputLength, classes, parameterCount, ...(loss && { loss }) },
      options,
      order: new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "little" : "big",
      parts: this.#parts.map(([name, part]) =>
        isNumbers(part)
          ? [name, "Float64Array", part.save().length]
          : [name, part.constructor.name, part.length],
      ),
    };
  }

  #compare(header: Header): void {
    const own = JSON.parse(JSON.stringify(this.#header())) as Header;
    if (header.algorithm !== own.algorithm)
      throw new InputError(
        `Expected a state of ${own.algorithm} but received one of ${header.algorithm}; ` +
          "restore it into the algorithm that saved it",
      );
    for (const group of ["shape", "options"] as const) {
      const [mine, other] = [own[group], header[group]];
      for (const key of new Set([...Object.keys(mine), ...Object.keys(other)]))
        expectSame(key, mine[key], other[key], own.algorithm);
    }
    expectSame("byte order", own.order, header.order, own.algorithm);
    expectSame("parts", own.parts, header.parts, own.algorithm);
  }
}

function expectSame(name: string, mine: unknown, other: unknown, algorithm: string): void {
  const [expected, received] = [mine, other].map((value) => JSON.stringify(value) ?? "none");
  if (expected !== received)
    throw new InputError(
      `Expected ${name} ${expected} for the state of ${algorithm} but received ${received}; ${remedy}`,
    );
}

/** Header and a copy of the content (a Buffer's own `slice` does not copy) of a complete state. */
function open(saved: Uint8Array): { header: Header; content: Uint8Array } {
  if (!isUint8Array(saved))
    throw new InputError(
      "Expected the bytes of save(), a Uint8Array, for a saved state but received " +
        `${saved === null ? "null" : typeof saved}; JSON cannot hold bytes, so store them there ` +
        "as base64",
    );
  const view = new DataView(saved.buffer, saved.byteOffset, saved.byteLength);
  const begins = new TextDecoder().decode(saved.subarray(0, magic.length));
  if (saved.length < fixed + 4 || begins !== magic)
    throw new InputError(
      `Expected bytes that begin with ${magic} for a saved state but received ${saved.length} ` +
        "others; pass on all of what save() returned",
    );
  if (view.getUint32(magic.length, true) !== version)
    throw new InputError(
      `Expected version ${version} of a saved state but received ` +
        `${view.getUint32(magic.length, true)}; save it again with this version of the package`,
    );
  const end = saved.length - 4;
  if (crc32(saved.subarray(0, end)) !== view.getUint32(end, true))
    throw new InputError(
      `Expected a whole saved state but the checksum of its ${saved.length} bytes is wrong; ` +
        "use another copy; this one is truncated or damaged",
    );
  const headerEnd = fixed + view.getUint32(magic.length + 4, true);
  return {
    header: readHeader(saved.subarray(fixed, headerEnd)),
    content: new Uint8Array(saved.subarray(headerEnd, end)),
  };
}

/** @throws InputError if another program wrote something else under a correct checksum. */
function readHeader(bytes: Uint8Array): Header {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as Header;
    if (typeof header.shape === "object" && typeof header.options === "object") return header;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new InputError(
    "Expected a header with shape and options in a saved state but received another; pass on " +
      "what save() returned",
  );
}

function isNumbers(part: NumberPart | ArrayPart): part is NumberPart {
  return !ArrayBuffer.isView(part);
}

/** The memory of an array itself; for numbers, a copy as doubles. */
function bytesOf(part: NumberPart | ArrayPart): Uint8Array {
  const { buffer, byteOffset, byteLength } = isNumbers(part)
    ? Float64Array.from(part.save())
    : part;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
