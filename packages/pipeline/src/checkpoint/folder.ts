import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.js";
import type { WarningListener } from "../metrics/alarm.js";
import { mostFileBytes, readRegularFile } from "../model/files/read-file.js";
import { isRecord } from "../model/read.js";
import { Damage, seal, unseal } from "./envelope.js";
import type { StateTensors } from "./parts.js";
import { type FileMark, readTensors, writeTensors } from "./tensor-file.js";

/** What a folder of checkpoints holds of one of them. */
export interface Checkpoint {
  /** Counts from 1. */
  readonly number: number;
  /** Plain data. */
  readonly content: unknown;
  readonly tensors: StateTensors;
}

/** Checkpoints that are kept: the last one, and one before in case it is damaged. */
const mostKept = 2;
/** Bytes of the JSON file. */
const mostJsonBytes = 1 << 26;

const jsonName = (number: number) => `checkpoint-${number}.json`;
const tensorsName = (number: number) => `checkpoint-${number}.safetensors`;
const finalName = /^checkpoint-(\d{1,15})\.(json|safetensors)$/;
/** Behind the name of a file that is being written: the process that writes it. */
const unfinishedName = /^checkpoint-(\d{1,15})\.(json|safetensors)\.(\d{1,10})\.tmp$/;

/**
 * Writes a checkpoint into a folder, which is made where it is missing: the tensors, then the JSON
 * file that says what they must be. Each is written beside its place, brought to disk and renamed, so
 * that the checkpoint is there whole or not at all, whatever ends the process or the machine.
 *
 * ```
 * checkpoint-6.json  checkpoint-6.safetensors     kept until 7 is on disk
 * checkpoint-7.json  checkpoint-7.safetensors
 * ```
 *
 * @param content what `JSON.stringify` keeps as it is.
 * @returns the path of its JSON file.
 * @throws InputError where the folder cannot be written.
 */
export async function writeCheckpoint(
  folder: string,
  content: unknown,
  tensors: StateTensors,
): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    const number = Math.max(0, ...numbersIn(folder)) + 1;
    removeUnfinished(folder);
    const size = [...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
    if (size > mostFileBytes - mostJsonBytes)
      throw new InputError(
        `Expected a state of at most ${mostFileBytes - mostJsonBytes} bytes for a checkpoint but it has ` +
          `${size}; ask for a smaller replay buffer`,
      );
    const mark = await replace(folder, tensorsName(number), (file) => writeTensors(file, tensors));
    await replace(folder, jsonName(number), async (file) => {
      await file.writeFile(seal({ tensors: mark, content }));
    });
    await sync(folder);
    await removeOld(folder);
    return join(folder, jsonName(number));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof InputError) throw error;
    throw new InputError(
      `Expected to be able to write a checkpoint to ${folder} but got ${code}; make room there or ` +
        "choose another folder",
      { cause: error },
    );
  }
}

/**
 * Reads the last checkpoint of a folder that is whole. Nothing in it is executed, and no more is
 * allocated than its files hold.
 *
 * @param onWarning told a sentence about each later one that is damaged or only half written.
 * @throws InputError where there is none, or it is of another version of the format.
 */
export function readCheckpoint(folder: string, onWarning: WarningListener): Checkpoint {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new InputError(
      `Expected a folder of checkpoints but ${folder} is ${existsSync(folder) ? "a file" : "not there"}; ` +
        "name the folder that they were saved to",
    );
  const numbers = [...new Set([...numbersIn(folder), ...unfinishedIn(folder)])];
  const damages: string[] = [];
  for (const number of numbers.sort((a, b) => b - a)) {
    try {
      const checkpoint = readWhole(folder, number);
      for (const damage of damages)
        onWarning(`${damage}; checkpoint ${number}, the one before, is taken`);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      damages.push(`Checkpoint ${number} in ${folder} is left out, since ${error.message}`);
    }
  }
  throw new InputError(
    `Expected a whole checkpoint in ${folder} but there is none` +
      `${damages.length > 0 ? ` (${damages.join("; ")})` : ""}; name the folder that they were saved to`,
  );
}

/**
 * Whether a checkpoint was ever written to a folder, damaged since or not. Tensors alone are none: who
 * wrote the first one has ended before it was there.
 */
export function hasCheckpoint(folder: string): boolean {
  return (
    existsSync(folder) && statSync(folder).isDirectory() && numbersIn(folder, "json").length > 0
  );
}

/** Removes all but the last ones that look whole: of a file's bytes only the number is looked at. */
async function removeOld(folder: string): Promise<void> {
  let kept = 0;
  for (const number of numbersIn(folder, "json").sort((a, b) => b - a)) {
    if (kept < mostKept && looksWhole(folder, number)) kept++;
    else {
      await rm(join(folder, jsonName(number)), { force: true });
      await rm(join(folder, tensorsName(number)), { force: true });
    }
  }
}

function looksWhole(folder: string, number: number): boolean {
  try {
    describe(folder, number);
    return true;
  } catch {
    return false;
  }
}

function readWhole(folder: string, number: number): Checkpoint {
  const { mark, content } = describe(folder, number);
  const name = tensorsName(number);
  return { number, content, tensors: readTensors(read(folder, name, mark.bytes), name, mark) };
}

/** What the JSON file says, once the file of tensors is known to be as long as it says. */
function describe(folder: string, number: number): { mark: FileMark; content: unknown } {
  const text = read(folder, jsonName(number), mostJsonBytes).toString("utf8");
  const sealed = unseal(text, join(folder, jsonName(number)));
  const { tensors: mark, content } = isRecord(sealed) ? sealed : {};
  if (!isMark(mark)) throw new Damage(`${jsonName(number)} does not describe its tensors`);
  const name = tensorsName(number);
  const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Damage(`${name} is missing`);
  if (size !== mark.bytes) throw new Damage(`${name} has ${size} of its ${mark.bytes} bytes`);
  return { mark, content };
}

function read(folder: string, name: string, most: number): Buffer {
  if (!existsSync(join(folder, name))) throw new Damage(`${name} is missing`);
  try {
    return readRegularFile(join(folder, name), "a part of a checkpoint", most);
  } catch (error) {
    throw new Damage(`${name} cannot be read (${(error as Error).message})`);
  }
}

function isMark(value: unknown): value is FileMark {
  return (
    isRecord(value) && Number.isSafeInteger(value.bytes) && /^[0-9a-f]{64}$/.test(`${value.sha256}`)
  );
}

/** Writes a file beside its place, brings it to disk and renames it. */
async function replace<Result>(
  folder: string,
  name: string,
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const temporary = join(folder, `${name}.${process.pid}.tmp`);
  let result: Result;
  try {
    const file = await open(temporary, "w");
    try {
      result = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return result;
}

/** Brings the names in a folder to disk, where the system can. */
async function sync(folder: string): Promise<void> {
  const file = await open(folder, "r").catch(() => null);
  // Windows opens no folders, and needs none to be brought to disk.
  await file?.sync().catch(() => {});
  await file?.close();
}

/** What processes have left behind that ended while they wrote. */
function removeUnfinished(folder: string): void {
  const kept = new Set(numbersIn(folder, "json"));
  for (const name of readdirSync(folder)) {
    const [, , , writer] = unfinishedName.exec(name) ?? [];
    if (writer !== undefined && !isRunning(Number(writer))) rmSync(join(folder, name));
    const [, number, kind] = finalName.exec(name) ?? [];
    // Its JSON file was never there.
    if (kind === "safetensors" && !kept.has(Number(number))) rmSync(join(folder, name));
  }
}

function isRunning(process_: number): boolean {
  if (process_ === process.pid) return true;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function numbersIn(folder: string, wanted?: "json"): number[] {
  return readdirSync(folder).flatMap((name) => {
    const [, number, kind] = finalName.exec(name) ?? [];
    return number !== undefined && (wanted ?? kind) === kind ? [Number(number)] : [];
  });
}

function unfinishedIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const [, number] = unfinishedName.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}
