import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { makeFolder } from "../folders.js";
import { codeOf } from "./read-file.js";

/** A published checksum of a file. */
export interface Checksum {
  readonly algorithm: "md5" | "sha256";
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/** How far a download has come, in bytes; the total is null where the server does not say it. */
export interface DownloadProgress {
  readonly url: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
}

/** A server that sends nothing for this long (ms) is given up. */
const patience = 30_000;

/** The largest of the files that are fetched has 162 MiB; what is longer is another one. */
const mostBytes = 2 ** 30;

/**
 * Downloads one file: to a temporary file beside `path`, which takes its name once it is whole and has
 * the checksum. Nothing is left behind when it fails.
 *
 * @param limit bytes that are taken at most.
 * @throws InputError when the server cannot be reached, refuses, stalls or sends something else or
 *   more, or the file cannot be written.
 */
export async function download(
  url: string,
  path: string,
  checksum: Checksum,
  onProgress: (progress: DownloadProgress) => void = () => {},
  limit = mostBytes,
): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    makeFolder(dirname(path));
    const received = await transfer(url, temporary, checksum.algorithm, onProgress, limit);
    if (received !== checksum.value)
      throw new InputError(
        `Expected the ${checksum.algorithm} ${checksum.value} of ${url} but received a file with ` +
          `${received}; try again later`,
      );
    await rename(temporary, path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `Expected to download ${url} to ${path} but got ${reasonOf(error)}; check network and folder`,
    );
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Writes what the address gives to a file and returns the checksum of it. */
async function transfer(
  url: string,
  path: string,
  algorithm: Checksum["algorithm"],
  onProgress: (progress: DownloadProgress) => void,
  limit: number,
): Promise<string> {
  const stall = new AbortController();
  const giveUp = () => stall.abort(new Error(`nothing for ${patience / 1000} s`));
  const timer = setTimeout(giveUp, patience);
  const file = await open(path, "w");
  try {
    // A server must not unpack a .gz file on the way: the checksum is that of the file itself.
    const headers = { "accept-encoding": "identity" };
    const response = await fetch(url, { signal: stall.signal, headers });
    if (!response.ok || !response.body)
      throw new Error(`the answer ${response.status} ${response.statusText}`.trim());
    const length = response.headers.get("content-length");
    const totalBytes = length === null ? null : Number(length);
    if ((totalBytes ?? 0) > limit)
      throw new Error(`a file of ${totalBytes} bytes, which is too long`);
    const hash = createHash(algorithm);
    let receivedBytes = 0;
    for await (const chunk of response.body) {
      timer.refresh();
      if (receivedBytes + chunk.length > limit)
        throw new Error(`more than ${limit} bytes, which is too long`);
      hash.update(chunk);
      await file.writeFile(chunk);
      receivedBytes += chunk.length;
      onProgress({ url, receivedBytes, totalBytes });
    }
    return hash.digest("hex");
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

/** `fetch` hides the reason of a network failure in the cause of its error. */
function reasonOf(error: unknown): string {
  return codeOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
