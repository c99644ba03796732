import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { bytesOf, parseSafetensors, safetensorsHead } from "../model/files/safetensors.js";
import { Damage } from "./envelope.js";
import type { StateArray, StateTensor, StateTensors } from "./parts.js";

/** Length and checksum of a file. */
export interface FileMark {
  readonly bytes: number;
  readonly sha256: string;
}

/** Bytes that are written at a time: the event loop has its turns in between. */
const piece = 1 << 18;

/** Arrays by the names of their types, the widest first: all of them are aligned then. */
const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const;

/** Writes tensors as a safetensors file, piece by piece, without another copy of them. */
export async function writeTensors(file: FileHandle, tensors: StateTensors): Promise<FileMark> {
  const ordered = new Map(
    [...tensors].sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT),
  );
  const hash = createHash("sha256");
  let bytes = 0;
  const write = async (all: Uint8Array) => {
    for (let begin = 0; begin < all.length; begin += piece) {
      const part = all.subarray(begin, begin + piece);
      hash.update(part);
      await file.writev([part]);
      bytes += part.length;
    }
  };
  await write(safetensorsHead(ordered));
  for (const { values } of ordered.values()) await write(bytesOf(values));
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * The tensors of a file that `writeTensors` has written: views of its bytes.
 * @throws Damage where a byte is missing or is another one.
 */
export function readTensors(bytes: Uint8Array, file: string, mark: FileMark): StateTensors {
  if (bytes.length !== mark.bytes)
    throw new Damage(`${file} has ${bytes.length} of its ${mark.bytes} bytes`);
  if (createHash("sha256").update(bytes).digest("hex") !== mark.sha256)
    throw new Damage(`the checksum of ${file} is wrong`);
  const tensors = new Map<string, StateTensor>();
  for (const [name, { dtype, shape, bytes: values }] of parseSafetensors(bytes, file))
    tensors.set(name, { shape, values: arrayOf(dtype, values, file) });
  return tensors;
}

function arrayOf(dtype: string, bytes: Uint8Array, file: string): StateArray {
  if (!Object.hasOwn(arrays, dtype)) throw new Damage(`${file} has a tensor of type ${dtype}`);
  const Values = arrays[dtype as keyof typeof arrays];
  const size = Values.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Values(buffer as ArrayBuffer, byteOffset, length / size);
}
