import { InputError } from "../../errors.js";
import { MediaTypeError, readContentType } from "./content-type.js";

/**
 * Numbers of a raw body: float32, little-endian, or bytes, which are divided by 255.
 * @param header content type, whose parameter `dtype` says which; default float32.
 */
export function readRaw(bytes: Buffer, header: string | undefined): Float32Array {
  const { dtype } = readContentType(header);
  if (dtype === undefined)
    throw new MediaTypeError(
      `Expected application/octet-stream with dtype=float32 or dtype=uint8 for the content type but received ` +
        `${JSON.stringify(header)}; send one of them`,
    );
  if (dtype === "uint8") return Float32Array.from(bytes, (byte) => byte / 255);
  if (bytes.byteLength % 4 !== 0)
    throw new InputError(
      `Expected 4 bytes a number for the body but received ${bytes.byteLength} bytes; send float32, or say ` +
        "dtype=uint8 in the content type",
    );
  const values = new Float32Array(bytes.byteLength / 4);
  Buffer.from(values.buffer).set(bytes);
  return values;
}
