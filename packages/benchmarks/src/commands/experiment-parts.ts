import { join } from "node:path";
import type { Command } from "commander";
import { parseCount, type RunSetting } from "../config.js";
import type { Dataset } from "../datasets/contract.js";
import { loadDataset } from "../datasets/registry.js";
import { expectFolder, makeFolder, writeWhole } from "../files.js";
import type { Machinery } from "../machinery.js";
import { timingNotices } from "../prepare.js";
import { type ResultRecord, writeRecords } from "../record.js";
import { writeReport } from "../report/html.js";
import { onInterrupt } from "./interrupt.js";
import { type Raw, readMachinery, readSetting } from "./options.js";
import { announce, print } from "./output.js";

/** Options that experiments of many runs share; the folder is `results/<name>` by default. */
export function withExperimentOptions(command: Command): Command {
  return command
    .option("--seeds <count>", "runs of each, with seeds counted up from --seed", "3")
    .option(
      "--out <dir>",
      "where results.ndjson, runs.json and report.html go",
      `results/${command.name()}`,
    )
    .option("--json", "print the runs as one JSON array and nothing else");
}

/** What an experiment begins with, checked and loaded. */
interface Laboratory {
  readonly setting: RunSetting;
  readonly seeds: readonly number[];
  readonly machinery: Machinery;
  readonly loadDataset: (seed: number) => Promise<Dataset>;
  readonly stop: { requested: boolean };
}

/** @throws InputError for options that are wrong, before anything runs. */
export async function openLaboratory(raw: Raw): Promise<Laboratory> {
  const setting = readSetting(raw);
  const count = parseCount(raw.seeds as string, "--seeds");
  expectFolder(raw.out as string);
  const machinery = await readMachinery(raw.runtime);
  announce([...machinery.notices, machinery.runtime.description, ...timingNotices(setting)]);
  return {
    setting,
    seeds: Array.from({ length: count }, (_, index) => setting.seed + index),
    machinery,
    loadDataset: (seed) => loadDataset(setting.dataset, { dataDir: setting.dataDir, seed }),
    stop: onInterrupt(),
  };
}

/** What an experiment found, for its three files and for the terminal. */
export interface Findings {
  readonly records: readonly ResultRecord[];
  /** What `runs.json` and `--json` say, one an experiment's run. */
  readonly runs: readonly unknown[];
  /** The page, and the text of the terminal; only called where there is a run. */
  readonly page: () => string;
  readonly table: () => string;
}

/** Writes and prints what was found; nothing where no run was finished. */
export function publish(
  { out, json }: { readonly out: string; readonly json: boolean },
  { records, runs, page, table }: Findings,
): void {
  if (runs.length === 0) return;
  makeFolder(out);
  writeRecords(out, records);
  writeWhole(join(out, "runs.json"), `${JSON.stringify(runs)}\n`);
  writeReport(join(out, "report.html"), page());
  announce([`runs in ${join(out, "runs.json")}, charts in ${join(out, "report.html")}`]);
  print(json ? JSON.stringify(runs) : table());
}
