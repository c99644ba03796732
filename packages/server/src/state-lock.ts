import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "@ferret-ocl/pipeline/engine";
import { InputError } from "./errors.js";

/** Milliseconds between two signs of life, and without one after which a lock is nobody's. */
const pulse = 5_000;
const patience = 30_000;

/**
 * A folder of checkpoints belongs to one service at a time: two would write over one another's. The
 * lock of a process that has been killed is taken over.
 */
export class StateLock {
  readonly #file: string;
  /** What the file says while it is ours. */
  readonly #own: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(file: string, own: string) {
    this.#file = file;
    this.#own = own;
    this.#timer = setInterval(() => this.#renew(), pulse);
    this.#timer.unref();
  }

  /** @throws InputError where another service has the folder. */
  static take(folder: string): StateLock {
    const file = join(folder, "service.lock");
    const own = JSON.stringify({ host: hostname(), pid: process.pid, mark: randomUUID() });
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, own, { flag: "wx" });
      return new StateLock(file, own);
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST" || path !== file)
        throw new InputError(
          `Expected a folder for state that can be written but got ${code} for ${folder}; name another one`,
          { cause: error },
        );
    }
    const owner = ownerOf(file);
    if (owner !== null)
      throw new InputError(
        `Expected a folder of state that no other service uses but ${folder} is used by ${owner}; end that one, ` +
          "or name another folder",
      );
    // Of two that take it over at once, the later has it.
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, own);
    renameSync(beside, file);
    if (readFileSync(file, "utf8") === own) return new StateLock(file, own);
    throw new InputError(
      `Expected a folder of state that no other service uses but another one has begun to use ${folder}; name ` +
        "another folder",
    );
  }

  release(): void {
    clearInterval(this.#timer);
    try {
      if (readFileSync(this.#file, "utf8") === this.#own) rmSync(this.#file);
    } catch {
      // It is gone, or somebody else's.
    }
  }

  #renew(): void {
    const now = new Date();
    try {
      utimesSync(this.#file, now, now);
    } catch {
      // Somebody took it away, or the disk; what is written next says so.
    }
  }
}

/** Who has it, in words; null: nobody does any more. */
function ownerOf(file: string): string | null {
  let owner: { readonly host?: unknown; readonly pid?: unknown } = {};
  try {
    owner = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Half written by one that was killed: only its time counts.
  }
  const { host, pid } = owner;
  if (host === hostname() && typeof pid === "number") {
    // In a container every process may have the same number.
    return pid !== process.pid && isAlive(pid) ? `process ${pid}` : null;
  }
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - changed > patience) return null;
  return typeof host === "string" ? `process ${pid} on ${host}` : "another process";
}
