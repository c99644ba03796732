import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import { PieceReader } from "./piece-reader.js";

/** Of each type of values: bytes of one, and how it is read. */
const types: Readonly<
  Record<
    string,
    readonly [bytes: number, read: (view: DataView, at: number, little: boolean) => number]
  >
> = {
  b1: [1, (view, at) => view.getUint8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** An array as NumPy writes it. */
interface NpyHeader {
  /** Such as `u1`, without the byte order. */
  readonly type: string;
  readonly isLittle: boolean;
  readonly shape: readonly number[];
  readonly count: number;
  readonly valueBytes: number;
}

/** An array of a file: what it is, and the reader that gives its values next. */
export interface NpyArray extends NpyHeader {
  readonly reader: PieceReader;
}

/**
 * Reads the header of a .npy file (NEP 1).
 * @param size bytes of the file, which bound what the header may claim.
 * @param name for messages.
 * @throws InputError for another format, a type that holds no numbers, columns first, or another size.
 */
export async function openNpy(
  pieces: AsyncIterable<Uint8Array>,
  size: number,
  name: string,
): Promise<NpyArray> {
  const reader = new PieceReader(pieces);
  const start = Buffer.from(await reader.take(8));
  if (start.length < 8 || start.toString("latin1", 0, 6) !== "\x93NUMPY")
    throw new InputError(
      `Expected an array of NumPy in ${name} but found something else; save it again`,
    );
  const lengthBytes = start[6] === 1 ? 2 : 4;
  const lengthField = Buffer.from(await reader.take(lengthBytes));
  if (lengthField.length < lengthBytes) throw damaged(name, "a header");
  const length = lengthField.readUIntLE(0, lengthBytes);
  if (length > Math.min(size, 2 ** 16)) throw damaged(name, `a header of ${length} bytes`);
  const text = Buffer.from(await reader.take(length)).toString("latin1");
  const [, order = "", type = ""] = /'descr': *'([<>|=])(\w+)'/.exec(text) ?? [];
  const dimensions = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1];
  const valueBytes = types[type]?.[0];
  if (valueBytes === undefined || dimensions === undefined)
    throw new InputError(
      `Expected an array of numbers in ${name} but its header is ${quoted(text.trim())}; save it as numbers`,
    );
  if (/'fortran_order': *True/.test(text))
    throw new InputError(
      `Expected an array with its rows one after the other in ${name} but its columns are; save it ` +
        "through numpy.ascontiguousarray",
    );
  const shape = dimensions.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  const count = shape.reduce((product, each) => product * each, 1);
  if (count * valueBytes !== size - reader.position)
    throw damaged(name, `${shape.join(" x ") || "1"} values of ${valueBytes} bytes`);
  return { type, isLittle: order !== ">", shape, count, valueBytes, reader };
}

/** The next `count` values of an array as numbers. @throws InputError where it ends before. */
export async function takeNumbers(
  { type, isLittle, valueBytes, reader }: NpyArray,
  count: number,
  name: string,
): Promise<Float64Array> {
  const bytes = await reader.take(count * valueBytes);
  if (bytes.length < count * valueBytes) throw damaged(name, `${count} values`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = types[type]![1];
  const values = new Float64Array(count);
  for (let at = 0; at < count; at++) values[at] = read(view, at * valueBytes, isLittle);
  return values;
}

function damaged(name: string, what: string): InputError {
  return new InputError(
    `Expected a whole array of NumPy in ${name} but it claims ${what}, which is not there; the file is ` +
      "damaged or cut off: fetch it again",
  );
}
