import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { InputError } from "../errors.js";

/**
 * The whole content of a file, decompressed when it is gzip (told by its first bytes, not by its
 * name).
 *
 * @throws InputError when it cannot be read or the compressed data is damaged or cut off.
 */
export function readWhole(path: string): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new InputError(
      `Expected a readable file ${path} but it cannot be read (${codeOf(error)}); ` +
        "check the path and its permissions",
    );
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new InputError(
      `Expected whole gzip data in ${path} but decompressing its ${bytes.length} bytes failed ` +
        `(${codeOf(error)}); the file is damaged or cut off: delete it and fetch it again`,
    );
  }
}

/** The code of a system error, or its message. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
