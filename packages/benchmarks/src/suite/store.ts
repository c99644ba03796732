import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Every } from "@ferret-ocl/pipeline/engine";
import { hasCheckpoint, isAlive } from "@ferret-ocl/pipeline/engine";
import { z } from "zod";
import { InputError } from "../errors.js";
import { readText, writeWhole } from "../files.js";
import { openFolder } from "../folders.js";
import { parseJson } from "../input-file.js";
import { parseRecord, type ResultRecord } from "../record.js";
import type { CheckpointSetting } from "../run-checkpoints.js";
import type { SuiteCase } from "./case.js";

/** A run that is finished. */
export interface SuiteRun {
  readonly case: SuiteCase;
  /** Of the program that made it, see `programVersion`. */
  readonly program: string;
  /** How it was computed, and from which files: see `worldOf` of `runSuite`; empty in an older file. */
  readonly world: readonly string[];
  readonly record: ResultRecord;
}

/** Seconds without a sign of life after which a run that somebody is at is taken over. */
const patience = 60;

/**
 * A folder of runs, each in a file of its own that is named after the key of its case, and the claims of those that
 * are at one now. Several processes, on one machine or on several that share the folder, never make a run twice:
 *
 * ```
 * runs/<key>.json      a finished run, written beside and renamed
 * claims/<key>.<n>     whoever created it is at the run; its time says when that was last true
 * checkpoints/<key>/   where that run is, if it is saved on its way; whoever has the claim writes there
 * ```
 *
 * A claim that nobody renews is not removed (another might remove its successor's) but followed: the next one is
 * whoever creates `<key>.<n + 1>`.
 */
export class SuiteStore {
  readonly path: string;
  readonly #runs: string;
  readonly #claims: string;
  /** Claims of this process, by key. */
  readonly #own = new Map<string, string>();

  /** @throws InputError where the folder cannot be made or written. */
  constructor(path: string) {
    openFolder(path);
    this.path = path;
    this.#runs = join(path, "runs");
    this.#claims = join(path, "claims");
  }

  /** Runs that are finished, by which one can see that there are more. */
  get size(): number {
    return existsSync(this.#runs) ? readdirSync(this.#runs).length : 0;
  }

  /** Whether a run is finished; one that cannot be read is not, and is made again. */
  has(key: string): boolean {
    return readRun(this.#fileOf(key)) !== undefined;
  }

  /** Keeps a run and gives its claim up. */
  add(key: string, run: SuiteRun): void {
    this.open();
    writeWhole(this.#fileOf(key), `${JSON.stringify(run)}\n`);
    rmSync(this.#checkpointsOf(key), { recursive: true, force: true });
    this.release(key);
  }

  /**
   * Where a run is saved on its way, and whether it goes on from there; for whoever has its claim.
   * @throws InputError where the folder cannot be made.
   */
  checkpointsOf(key: string, every: Every): CheckpointSetting {
    const folder = this.#checkpointsOf(key);
    openFolder(folder);
    return { folder, every, resume: hasCheckpoint(folder) };
  }

  /**
   * Says that this process is at a run.
   * @returns whether it may: `done` where the run is there already, `taken` where another one is at it.
   */
  claim(key: string): "mine" | "taken" | "done" {
    this.open();
    const last = this.#lastClaim(key);
    if (last && !this.#isAbandoned(last.file)) return this.has(key) ? "done" : "taken";
    const file = join(this.#claims, `${key}.${last ? last.turn + 1 : 0}`);
    if (!createExclusively(file, `${JSON.stringify({ host: hostname(), pid: process.pid })}\n`))
      return "taken";
    this.#own.set(key, file);
    // Finished and given up between the two looks.
    if (!this.has(key)) return "mine";
    this.release(key);
    return "done";
  }

  /** Gives a run back that was not finished. */
  release(key: string): void {
    const file = this.#own.get(key);
    if (file === undefined) return;
    this.#own.delete(key);
    // Those before it are nobody's.
    const turn = Number(file.slice(file.lastIndexOf(".") + 1));
    for (let each = 0; each <= turn; each++)
      rmSync(join(this.#claims, `${key}.${each}`), { force: true, recursive: true });
  }

  /** Renews all claims of this process; to be called every few seconds. */
  renew(): void {
    const now = new Date();
    for (const file of this.#own.values())
      try {
        utimesSync(file, now, now);
      } catch {
        // Somebody took it away: the run is made twice, with the same result.
      }
  }

  /**
   * Makes the folders where they are missing. Both stay where they are empty: another process may be about to write
   * there.
   */
  open(): void {
    for (const folder of [this.#runs, this.#claims])
      try {
        mkdirSync(folder, { recursive: true });
      } catch (error) {
        throw new InputError(
          `Expected to be able to make the folder ${folder} but got ${(error as NodeJS.ErrnoException).code}; ` +
            "move what is in its place, or choose another --out",
        );
      }
  }

  #lastClaim(key: string): { file: string; turn: number } | undefined {
    let turn = 0;
    const file = (each: number) => join(this.#claims, `${key}.${each}`);
    while (existsSync(file(turn))) turn += 1;
    return turn === 0 ? undefined : { file: file(turn - 1), turn: turn - 1 };
  }

  #isAbandoned(file: string): boolean {
    try {
      const { host, pid } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
      if (host === hostname() && typeof pid === "number" && !isAlive(pid)) return true;
    } catch {
      // Half written: only its time counts.
    }
    const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return changed === undefined || this.#now() - changed > patience * 1000;
  }

  /** By the clock of the folder's file system, which may be another machine's. */
  #now(): number {
    const probe = join(this.#claims, `now.${hostname()}.${process.pid}`);
    writeFileSync(probe, "");
    const { mtimeMs } = statSync(probe);
    rmSync(probe, { force: true });
    return mtimeMs;
  }

  #checkpointsOf(key: string): string {
    return join(this.path, "checkpoints", key);
  }

  #fileOf(key: string): string {
    return join(this.#runs, `${key}.json`);
  }
}

/** All finished runs of a folder, in order of their keys; of each that cannot be read, a sentence. */
export function readRuns(path: string, onDamage: (sentence: string) => void): SuiteRun[] {
  const folder = join(path, "runs");
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
  return names.sort().flatMap((name) => {
    const file = join(folder, name);
    const run = readRun(file, (reason) =>
      onDamage(`${file} is damaged (${reason}) and is left out; ferret suite makes that run again`),
    );
    return run ? [run] : [];
  });
}

/** Whether a folder is one of a suite. */
export function holdsRuns(path: string): boolean {
  return isFolder(join(path, "runs"));
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

const suiteRun = z.object({
  case: z.object({
    setting: z.string(),
    run: z.looseObject({ seed: z.int(), mostItems: z.int().nullable() }),
    budgetShare: z.number().nullable(),
  }),
  program: z.string(),
  world: z.array(z.string()).default([]),
  record: z.unknown(),
});

function readRun(file: string, onDamage?: (reason: string) => void): SuiteRun | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { record, ...run } = suiteRun.parse(parseJson(readText(file, "a run of a suite")));
    return { ...(run as unknown as Omit<SuiteRun, "record">), record: parseRecord(record) };
  } catch (error) {
    onDamage?.((error as Error).message.split("\n")[0] as string);
    return undefined;
  }
}

function createExclusively(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    throw new InputError(
      `Expected to be able to write ${file} but got ${code}; make room there or choose another folder`,
    );
  }
}
