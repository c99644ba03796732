import { join } from "node:path";
import type { Command } from "commander";
import type { Dataset } from "../datasets/contract.js";
import { CaseCheckpoints } from "../experiments/case-checkpoints.js";
import type { Failure } from "../experiments/every-case.js";
import { comparableWith } from "../experiments/kept.js";
import { writeWhole } from "../files.js";
import { expectAtMost } from "../limits.js";
import type { Machinery } from "../machinery.js";
import { parseCount } from "../parse.js";
import { timingNotices } from "../prepare.js";
import type { ResultRecord } from "../record.js";
import { ResultFolder } from "../results.js";
import type { RunSetting } from "../setting.js";
import { readCheckpointOptions, withCheckpointOptions } from "./checkpoint-options.js";
import { Failures } from "./failures.js";
import { type Interrupt, onInterrupt } from "./interrupt.js";
import { type Raw, readMachinery, readSetting } from "./options.js";
import { announce, print } from "./output.js";
import { dataLoader } from "./table-options.js";
import { attempt } from "./troubles.js";

/** The file of an experiment's runs, beside records and page. */
const runsFile = "runs.json";

/** Options that experiments of many runs share; the folder is `results/<name>` by default. */
export function withExperimentOptions(command: Command): Command {
  return withCheckpointOptions(command)
    .option("--seeds <count>", "runs of each, with seeds counted up from --seed", "3")
    .option(
      "--out <dir>",
      "where results.ndjson, runs.json and report.html go",
      `results/${command.name()}`,
    )
    .option("--json", "print the runs as one JSON array and nothing else");
}

/** What an experiment begins with, checked, its folder made. */
interface Laboratory {
  readonly setting: RunSetting;
  readonly seeds: readonly number[];
  readonly machinery: Machinery;
  readonly loadDataset: (seed: number) => Promise<Dataset>;
  readonly stop: Interrupt;
  /** Where runs are saved on their way; null: nowhere. */
  readonly checkpoints: CaseCheckpoints | null;
  readonly onFailure: (failure: Failure, done: number, total: number) => void;
  /** Keeps a run's record; to be called with each as soon as it is there. */
  readonly keep: (record: ResultRecord) => void;
  readonly folder: ResultFolder;
  readonly failures: Failures;
}

/** @throws InputError for options that are wrong, before anything runs. */
export async function openLaboratory(raw: Raw): Promise<Laboratory> {
  const setting = readSetting(raw);
  const seeds = readSeeds(raw.seeds as string, setting.seed);
  const checkpoint = readCheckpointOptions(raw, setting.engine, raw.resume !== undefined);
  const checkpoints = checkpoint && new CaseCheckpoints(checkpoint);
  const folder = new ResultFolder(raw.out as string, [runsFile]);
  const machinery = await readMachinery(raw.runtime);
  announce([...machinery.notices, machinery.runtime.description, ...timingNotices(setting)]);
  const stop = onInterrupt();
  const failures = new Failures();
  const load = dataLoader([setting.dataset], setting);
  return {
    setting,
    seeds,
    machinery,
    loadDataset: (seed) => stop.aside(() => load(setting.dataset, seed)),
    stop,
    checkpoints,
    onFailure: (failure, done, total) => failures.add(failure, done, total),
    keep(record) {
      failures.release();
      attempt(() => folder.add(record));
    },
    folder,
    failures,
  };
}

/** As many seeds as asked, counted up from the first one. */
export function readSeeds(count: string, first: number): number[] {
  const length = parseCount(count, "--seeds");
  expectAtMost(first + length - 1, "--seed", `${first}, ${length} seeds from it`);
  return Array.from({ length }, (_, index) => first + index);
}

/** What an experiment found, for its three files and for the terminal. */
export interface Findings<Run> {
  /** What it found now; at least one where anything is asked of the others. */
  readonly runs: readonly Run[];
  /** From a run to what the folder keeps of it, and back. */
  readonly recordOf: (run: Run) => ResultRecord;
  readonly runOf: (record: ResultRecord) => Run;
  /** What `runs.json` and `--json` say. */
  readonly json: (runs: readonly Run[]) => unknown;
  /** The page, and the text of the terminal. */
  readonly page: (runs: readonly Run[]) => string;
  readonly table: (runs: readonly Run[]) => string;
}

/**
 * Writes and prints what was found; nothing where no run was finished. Page and `runs.json` show
 * earlier runs of the folder too, those of the same setting.
 *
 * @throws what all runs failed for.
 */
export function publish<Run>(
  { folder, failures }: Pick<Laboratory, "folder" | "failures">,
  isJson: boolean,
  { runs, recordOf, runOf, json, page, table }: Findings<Run>,
): void {
  failures.close(runs.length);
  const [first] = runs;
  if (first === undefined) return;
  const file = join(folder.path, runsFile);
  const written = attempt(() => {
    folder.retry();
    folder.writePage((records) => {
      const shown = comparableWith(recordOf(first), records);
      const all = shown.map(runOf);
      writeWhole(file, `${JSON.stringify(json(all))}\n`);
      return page(all);
    });
  });
  print(isJson ? JSON.stringify(json(runs)) : table(runs));
  if (written) announce([`runs in ${file}, charts in ${folder.page}`]);
}
