import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
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

/** What tells a data set's files from others of the same name, without reading them. */
export function dataFingerprint({ folder, isAtHand }: DataState): string {
  if (folder === null || !isAtHand) return "";
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ name }) => `${name} ${statSync(join(folder, name)).size}`)
    .sort()
    .join("\n");
}
