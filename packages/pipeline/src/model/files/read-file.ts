import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { InputError } from "../../errors.js";

/** Bytes of a file that is read whole: 2 GiB, above any model within the limits. */
export const mostFileBytes = 2 ** 31 - 1;

/**
 * Size of a regular file.
 * @param what is expected in it, for the message.
 * @throws InputError where it is missing, a folder, too large, or a device or pipe, which may never
 *   end.
 */
export function fileSize(file: string, what: string, most = mostFileBytes): number {
  return checkFile(
    withReason(file, what, () => statSync(file)),
    file,
    what,
    most,
  );
}

/** Reads a regular file whole; throws as `fileSize` does. */
export function readRegularFile(file: string, what: string, most = mostFileBytes): Buffer {
  fileSize(file, what, most);
  return withReason(file, what, () => {
    // What was a file a moment ago may be a pipe now: that must not wait for a writer.
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const bytes = Buffer.alloc(checkFile(fstatSync(descriptor), file, what, most));
      let read = 0;
      for (let more = 1; more > 0 && read < bytes.length; read += more)
        more = readSync(descriptor, bytes, read, bytes.length - read, read);
      return bytes.subarray(0, read);
    } finally {
      closeSync(descriptor);
    }
  });
}

function checkFile(stats: Stats, file: string, what: string, most: number): number {
  if (!stats.isFile())
    throw new InputError(
      `Expected ${what} in a file but ${file} is ` +
        (stats.isDirectory()
          ? "a folder; name a file"
          : "a device or a pipe; save what comes from it to a file"),
    );
  if (stats.size > most)
    throw new InputError(
      `Expected ${what} of at most ${most} bytes but ${file} has ${stats.size}; keep only what the ` +
        "model needs",
    );
  return stats.size;
}

function withReason<T>(file: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `Expected ${what} but ${file} cannot be read (${(error as Error).message}); check the path`,
    );
  }
}
