import { InputError } from "../errors.js";
import { mostDataBytes, quoted } from "../input-file.js";
import { RangeFile } from "./file-range.js";
import { PieceReader } from "./piece-reader.js";

/** Bytes before the first element of a file. */
const headerBytes = 128;

/** Types of elements (MAT-File Format, table 1-1). */
const miInt32 = 5;
const miUint32 = 6;
const miMatrix = 14;
const miCompressed = 15;

/** Of each type of numbers: bytes of one, and how it is read. */
const numbers: Readonly<
  Record<
    number,
    readonly [bytes: number, read: (view: DataView, at: number, little: boolean) => number]
  >
> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

/** Classes of numeric arrays: double, single, int8 ... uint64 (table 1-3). */
const numericClasses: readonly number[] = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** Dimensions that an array may have; MATLAB itself has arrays of dozens only by mistake. */
const mostDimensions = 32;

/** zlib packs no better than this. */
const bestRatio = 1032;

/** Where an element lies in a file. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly isPacked: boolean;
}

/** A numeric array of a file; its values lie column by column, the first index fastest. */
export interface MatArray {
  readonly name: string;
  readonly dimensions: readonly number[];
  /** Bytes of a value as it is stored, which may be less than its class has. */
  readonly valueBytes: number;
  /** Number of values. */
  readonly count: number;
}

interface Located extends MatArray {
  readonly place: Place;
  /** Where the values begin in the element, unpacked. */
  readonly offset: number;
  readonly type: number;
}

/**
 * A file of MATLAB 5 to 7.2 (also as SciPy writes it), compressed or not, in either byte order: its
 * numeric arrays, whose values are read piece by piece.
 */
export class MatFile {
  readonly #arrays = new Map<string, Located>();
  readonly #file: RangeFile;
  #isLittle = true;

  private constructor(file: RangeFile) {
    this.#file = file;
  }

  /**
   * Opens a file and reads the headers of its arrays; other things in it are passed over.
   * @throws InputError for what is no such file, is damaged, or claims more than the file can hold.
   */
  static async open(path: string): Promise<MatFile> {
    const mat = new MatFile(new RangeFile(path));
    try {
      await mat.#readHeaders();
      return mat;
    } catch (error) {
      mat.close();
      throw error;
    }
  }

  get path(): string {
    return this.#file.path;
  }

  close(): void {
    this.#file.close();
  }

  /** A numeric array by name. @throws InputError where there is none. */
  array(name: string): MatArray {
    const found = this.#arrays.get(name);
    if (found) return found;
    const names = [...this.#arrays.keys()].slice(0, 8).map(quoted).join(", ");
    throw new InputError(
      `Expected a numeric array ${quoted(name)} in ${this.path} but it holds ${names || "none"}; ` +
        "check that it is the right file",
    );
  }

  /** The values of an array as numbers. */
  async numbersOf(name: string): Promise<Float64Array> {
    const array = this.array(name) as Located;
    const { count, valueBytes, type } = array;
    if (8 * count > mostDataBytes()) throw this.#damaged(`${count} numbers in ${quoted(name)}`);
    const read = numbers[type]![1];
    // Made once the bytes are there.
    const reader = await this.#valuesOf(array);
    const bytes = await reader.take(count * valueBytes);
    await reader.close();
    if (bytes.length !== count * valueBytes) throw this.#cutOff(name);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Float64Array.from({ length: count }, (_, at) =>
      read(view, at * valueBytes, this.#isLittle),
    );
  }

  /**
   * The values of an array of bytes, `length` at a time; each run is good until the next.
   * @throws InputError where they are not stored as unsigned bytes.
   */
  async *bytesOf(name: string, length: number): AsyncGenerator<Uint8Array> {
    const array = this.array(name) as Located;
    if (array.type !== 2)
      throw new InputError(
        `Expected unsigned bytes in the array ${quoted(name)} of ${this.path} but found values of ` +
          `another type; convert them with uint8`,
      );
    const reader = await this.#valuesOf(array);
    try {
      for (let left = array.count; left > 0; left -= length) {
        const bytes = await reader.take(Math.min(length, left));
        if (bytes.length < Math.min(length, left)) throw this.#cutOff(name);
        yield bytes;
      }
    } finally {
      await reader.close();
    }
  }

  async #valuesOf({ place, offset }: Located): Promise<PieceReader> {
    const reader = this.#open(place);
    await reader.skip(offset);
    return reader;
  }

  #open({ start, end, isPacked }: Place): PieceReader {
    const file = this.#file;
    return new PieceReader(isPacked ? file.unpacked(start, end, "zlib") : file.pieces(start, end));
  }

  async #readHeaders(): Promise<void> {
    const file = this.#file;
    const header = file.read(0, headerBytes);
    const text = Buffer.from(header.subarray(0, 116)).toString("latin1");
    if (text.startsWith("MATLAB 7.3"))
      throw new InputError(
        `Expected a file of MATLAB 5 to 7.2 in ${file.path} but it is one of MATLAB 7.3 (HDF5); save ` +
          "it with -v7",
      );
    const order = String.fromCharCode(header[126] ?? 0, header[127] ?? 0);
    if (header.length < headerBytes || (order !== "IM" && order !== "MI"))
      throw new InputError(
        `Expected a file of MATLAB 5 in ${file.path} but its header is another; check that it is a ` +
          ".mat file",
      );
    this.#isLittle = order === "IM";
    for (let start = headerBytes; start < file.size; ) {
      const tag = file.read(start, start + 8);
      if (tag.length < 8) throw this.#damaged(`a tag at byte ${start}`);
      const view = new DataView(tag.buffer, tag.byteOffset, 8);
      const type = view.getUint32(0, this.#isLittle);
      const bytes = view.getUint32(4, this.#isLittle);
      const end = start + 8 + bytes;
      if (end > file.size) throw this.#damaged(`${bytes} bytes after byte ${start + 8}`);
      if (type === miCompressed) await this.#readMatrix({ start: start + 8, end, isPacked: true });
      // Elements that are not compressed begin at multiples of 8 bytes.
      else if (type === miMatrix) await this.#readMatrix({ start, end, isPacked: false });
      start = type === miCompressed ? end : headerBytes + 8 * Math.ceil((end - headerBytes) / 8);
    }
  }

  /** Notes a matrix, if it is a numeric one. */
  async #readMatrix(place: Place): Promise<void> {
    const reader = this.#open(place);
    try {
      const outer = await this.#tag(reader);
      if (outer.type !== miMatrix) return;
      const flags = await this.#small(reader, miUint32, 8);
      const kind = flags.getUint32(0, this.#isLittle) & 0xff;
      const isComplex = (flags.getUint32(0, this.#isLittle) & 0x800) !== 0;
      const sizes = await this.#small(reader, miInt32, 4 * mostDimensions);
      const dimensions = Array.from({ length: sizes.byteLength / 4 }, (_, axis) =>
        sizes.getInt32(4 * axis, this.#isLittle),
      );
      const nameBytes = await this.#small(reader, null, 1_000);
      const name = new TextDecoder().decode(nameBytes);
      if (!numericClasses.includes(kind) || isComplex) return;
      const { type, bytes } = await this.#tag(reader);
      const count = dimensions.reduce((product, size) => product * size, 1);
      const valueBytes = numbers[type]?.[0];
      const most = (place.end - place.start) * (place.isPacked ? bestRatio : 1);
      if (
        valueBytes === undefined ||
        !dimensions.every((size) => size >= 0) ||
        count * valueBytes !== bytes ||
        bytes > most
      )
        throw this.#damaged(`${dimensions.join(" x ")} values in the array ${quoted(name)}`);
      const offset = reader.position;
      this.#arrays.set(name, { name, dimensions, valueBytes, count, place, offset, type });
    } finally {
      await reader.close();
    }
  }

  /** Type and length of the element that comes, whose content follows; small ones stand in the tag. */
  async #tag(reader: PieceReader): Promise<{ type: number; bytes: number; isSmall: boolean }> {
    const tag = await reader.take(4);
    if (tag.length < 4) throw this.#damaged("a tag");
    const word = new DataView(tag.buffer, tag.byteOffset, 4).getUint32(0, this.#isLittle);
    if (word >>> 16 !== 0) return { type: word & 0xffff, bytes: word >>> 16, isSmall: true };
    const length = await reader.take(4);
    if (length.length < 4) throw this.#damaged("a tag");
    const bytes = new DataView(length.buffer, length.byteOffset, 4).getUint32(0, this.#isLittle);
    return { type: word, bytes, isSmall: false };
  }

  /** The content of a short element. */
  async #small(reader: PieceReader, expected: number | null, most: number): Promise<DataView> {
    const { type, bytes, isSmall } = await this.#tag(reader);
    if ((expected !== null && type !== expected) || bytes > (isSmall ? 4 : most))
      throw this.#damaged(`a short element of ${bytes} bytes`);
    const padded = isSmall ? 4 : 8 * Math.ceil(bytes / 8);
    const content = (await reader.take(padded)).slice(0, bytes);
    if (content.length < bytes) throw this.#damaged(`${bytes} bytes`);
    return new DataView(content.buffer);
  }

  #damaged(what: string): InputError {
    return new InputError(
      `Expected elements of MATLAB 5 in ${this.path} but it claims ${what}, which is not there or ` +
        "cannot be; the file is damaged or cut off: fetch it again",
    );
  }

  #cutOff(name: string): InputError {
    return new InputError(
      `Expected all values of the array ${quoted(name)} in ${this.path} but they end early; the file ` +
        "is damaged or cut off: fetch it again",
    );
  }
}
