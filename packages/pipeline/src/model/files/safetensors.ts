import { InputError } from "../../errors.js";
import { isRecord } from "../read.js";
import { elementCount } from "../shape.js";
import type { StoredTensor } from "./floats.js";
import { foreignFormat } from "./foreign.js";
import { parseJson } from "./json.js";
import { readRegularFile } from "./read-file.js";
import { replaceFile } from "./replace.js";

/** Bits of one value, by the format's names of types. */
const valueBits: Readonly<Record<string, number>> = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8 },
  ...{ F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ U16: 16, I16: 16, F16: 16, BF16: 16, U32: 32, I32: 32, F32: 32 },
  ...{ C64: 64, U64: 64, I64: 64, F64: 64 },
};

/** The format's own limit to its header. */
const mostHeaderBytes = 100_000_000;

/**
 * Reads a safetensors file: eight bytes with the length of a JSON header (little-endian), the
 * header `{ name: { dtype, shape, data_offsets: [begin, end] } }`, then the values. Tensors must
 * cover the values without gap or overlap (https://github.com/huggingface/safetensors, "Format").
 *
 * @throws InputError that names the file and what is wrong with it.
 */
export function loadSafetensors(file: string): Map<string, StoredTensor> {
  const foreign = foreignFormat(file);
  if (foreign !== null) throw new InputError(`Expected a safetensors file but ${foreign}`);
  return parseSafetensors(readRegularFile(file, "a safetensors file"), file);
}

/**
 * The tensors of a safetensors file that has been read: views of its bytes.
 * @param file its name, for messages.
 * @throws InputError as `loadSafetensors`.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const malformed = (what: string) =>
    new InputError(`Expected ${file} to be a whole safetensors file but ${what}; get it again`);
  if (bytes.length < 8) throw malformed(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > mostHeaderBytes || headerBytes > bytes.length - 8)
    throw malformed(`its header should have ${headerBytes} of its ${bytes.length} bytes`);
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes));
  if (typeof header === "string") throw malformed(`its header ${header}`);

  const data = bytes.subarray(8 + headerBytes);
  const tensors = new Map<string, StoredTensor>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const described = readEntry(entry);
    if (!described) throw malformed(`its header describes tensor ${name} in another way`);
    const { dtype, shape, begin, end } = described;
    if (!Object.hasOwn(valueBits, dtype))
      throw new InputError(
        `Expected tensor ${name} of ${file} of a known type but it is ` +
          `${JSON.stringify(dtype)}; convert it to float32 and save it again`,
      );
    if (end > data.length)
      throw malformed(`tensor ${name} ends at byte ${end} of ${data.length} bytes of values`);
    const size = ((valueBits[dtype] as number) * elementCount(shape)) / 8;
    if (end - begin !== size)
      throw malformed(`tensor ${name}, ${dtype} [${shape}], takes ${end - begin} bytes`);
    ranges.push({ name, begin, end });
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }

  let reached = 0;
  for (const { name, begin, end } of ranges.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached)
      throw malformed(`tensor ${name} begins at byte ${begin} where ${reached} was to follow`);
    reached = end;
  }
  if (reached !== data.length)
    throw malformed(`${data.length - reached} bytes belong to no tensor`);
  return tensors;
}

/**
 * Writes a safetensors file of float32 tensors, in the order of the map.
 * @param metadata texts that the format keeps under `__metadata__`.
 */
export function saveSafetensors(
  file: string,
  tensors: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: Float32Array }
  >,
  metadata?: Readonly<Record<string, string>>,
): void {
  const head = safetensorsHead(tensors, metadata);
  const values = [...tensors.values()].map((tensor) => bytesOf(tensor.values));
  replaceFile(file, Buffer.concat([head, ...values]));
}

/** Types of values as the format names them, by the arrays that hold them. */
const typeNames = { Float64Array: "F64", Float32Array: "F32", Int32Array: "I32", Uint8Array: "U8" };
type Values = Float64Array | Float32Array | Int32Array | Uint8Array;

/**
 * What a safetensors file begins with: the length of the header and the header. The values of the
 * tensors follow in the order of the map, from a multiple of 8 bytes on.
 */
export function safetensorsHead(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Values }>,
  metadata?: Readonly<Record<string, string>>,
): Buffer {
  let end = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    const begin = end;
    end += values.byteLength;
    const dtype = typeNames[values.constructor.name as keyof typeof typeNames];
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const text = Buffer.from(
    JSON.stringify({
      ...(metadata ? { __metadata__: metadata } : {}),
      ...Object.fromEntries(entries),
    }),
  );
  // Spaces behind the header.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const head = Buffer.alloc(8 + headerBytes, " ");
  head.writeBigUInt64LE(BigInt(headerBytes), 0);
  text.copy(head, 8);
  return head;
}

/** The memory of an array. */
export function bytesOf({ buffer, byteOffset, byteLength }: Values): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The header, or what is wrong with it. */
function parseHeader(bytes: Uint8Array): Record<string, unknown> | string {
  try {
    const header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isRecord(header) ? header : "is not a JSON object";
  } catch (error) {
    const { message } = error as Error;
    return /^it /.test(message) ? message.replace(/^it /, "") : "is not a JSON object";
  }
}

/** One tensor of the header; null where a field is missing or of another form. */
function readEntry(entry: unknown) {
  if (!isRecord(entry)) return null;
  const { dtype, shape, data_offsets: offsets } = entry;
  const isCount = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0;
  if (typeof dtype !== "string") return null;
  if (!Array.isArray(shape) || !shape.every(isCount)) return null;
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) return null;
  const [begin, end] = offsets as [number, number];
  return begin <= end ? { dtype, shape, begin, end } : null;
}
