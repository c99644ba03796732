import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { type DataState, dataStates } from "../datasets/at-hand.js";
import type { DatasetOptions } from "../datasets/registry.js";
import { paperSettings, type SuiteSetting, standIns } from "./settings.js";

/** A setting, and whether its data is here. */
export interface SettingState {
  readonly setting: SuiteSetting;
  readonly data: DataState;
}

/** All settings of the paper and their stand-ins, each with what its data lacks, if anything. */
export async function settingStates(
  options: Pick<DatasetOptions, "dataDir" | "cacheDir"> = {},
): Promise<SettingState[]> {
  const states = new Map((await dataStates(options)).map((state) => [state.dataset, state]));
  return [...paperSettings, ...standIns].map((setting) => ({
    setting,
    data: states.get(setting.dataset) as DataState,
  }));
}

/** Of so many files the ends are read; of more, names and sizes have to do. */
const mostRead = 1000;
/** Bytes that are read at each end of a file. */
const endBytes = 4096;

/**
 * What tells a data set's files from others of the same name: names and sizes of all, in folders of the
 * folder too, and what stands at both ends of the first thousand.
 */
export function dataFingerprint({ folder, isAtHand }: DataState): string {
  if (folder === null || !isAtHand) return "";
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
  return files
    .map((name, index) => {
      const path = join(folder, name);
      const { size } = statSync(path);
      return `${name} ${size}${index < mostRead ? ` ${endsOf(path, size)}` : ""}`;
    })
    .join("\n");
}

/** A digest of a file's ends. */
function endsOf(path: string, size: number): string {
  const ends = Buffer.alloc(2 * endBytes);
  const file = openSync(path, "r");
  try {
    readSync(file, ends, 0, endBytes, 0);
    readSync(file, ends, endBytes, endBytes, Math.max(0, size - endBytes));
  } finally {
    closeSync(file);
  }
  return createHash("sha256").update(ends).digest("hex").slice(0, 16);
}
