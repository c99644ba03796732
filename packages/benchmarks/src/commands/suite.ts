import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { parseCount, parseName } from "../parse.js";
import { formatDuration } from "../progress.js";
import { dataFingerprint, type SettingState, settingStates } from "../suite/at-hand.js";
import { programVersion } from "../suite/program-version.js";
import { type Asked, assembleReport } from "../suite/report/assemble.js";
import { reportData } from "../suite/report/json.js";
import { renderText } from "../suite/report/text.js";
import { expectReportFiles, writeSuiteReport } from "../suite/report/write.js";
import { casesOf } from "../suite/results.js";
import { runSuite, type SuiteOutcome } from "../suite/run-suite.js";
import { fullScale, quickScale, type SuiteScale } from "../suite/scale.js";
import { parseShard, type Shard, scheduledShard, shareOf } from "../suite/shard.js";
import { readRuns, SuiteStore } from "../suite/store.js";
import type { SuitePart } from "../suite/tables/contract.js";
import { suiteParts } from "../suite/tables/registry.js";
import { WorkerPool } from "../suite/worker-pool.js";
import { readEvery } from "./checkpoint-options.js";
import { readSeeds } from "./experiment-parts.js";
import { onInterrupt } from "./interrupt.js";
import { dataDirOf, readMachinery } from "./options.js";
import { announce, print } from "./output.js";
import { SuiteProgress } from "./suite-progress.js";
import { attempt } from "./troubles.js";

interface Words {
  readonly quick?: boolean;
  readonly settings?: string;
  readonly items?: string;
  readonly seeds: string;
  readonly seed: string;
  readonly dataDir?: string;
  readonly runtime: string;
  readonly every?: string;
  readonly processes?: string;
  readonly shard?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const all = "all";
const partNames = suiteParts.map(({ name }) => name);

/** `ferret suite`: the paper's tables and figures. */
export function defineSuite(program: Command): void {
  program
    .command("suite")
    .description("run the paper's tables and figures, over all of its settings whose data is here")
    .argument("<parts...>", `${partNames.join(", ")}, or ${all}`)
    .option("--quick", "short streams, a few contenders: some minutes instead of hours")
    .option(
      "--settings <names>",
      "only these of the settings, such as MNIST/MNISTNet,Covertype/MLP",
    )
    .option("--items <count>", "the most items of a stream (default: one pass over the data)")
    .option("--seeds <count>", "runs of each, with seeds counted up from --seed", "3")
    .option("--seed <integer>", "first seed", "0")
    .option("--data-dir <dir>", "folder with the data sets' files (or FERRET_DATA_DIR)")
    .option("--runtime <name>", "what computes, as of ferret run", "auto")
    .option(
      "--every <items>",
      "also save each run on its way, such as every 100items, so that one that was ended goes on where it was",
    )
    .option("--processes <count>", "runs made at once (default: one a core)")
    .option(
      "--shard <i/n>",
      "only the i-th of n shares of the runs (default: as Slurm, Open MPI or Kubernetes says)",
    )
    .option(
      "--out <dir>",
      "where runs and report go (default: results/suite, or results/suite-quick)",
    )
    .option("--json", "print the tables as JSON and nothing else")
    .addHelpText("after", "\nExample:\n  ferret suite table1 memory --quick\n")
    .action(suite);
}

async function suite(names: readonly string[], words: Words): Promise<void> {
  const parts = readParts(names);
  const scale = readScale(words);
  const shard = readShard(words.shard);
  const processes =
    words.processes === undefined
      ? availableParallelism()
      : parseCount(words.processes, "--processes");
  const every = words.every === undefined ? null : readEvery(words.every, "virtual");
  const dataDir = dataDirOf(words.dataDir);
  const everything = await settingStates({ dataDir });
  const states = chooseSettings(everything, words.settings);
  if (words.out?.trim() === "")
    throw new InputError("Expected a folder for --out but received an empty text");
  const store = new SuiteStore(
    words.out ?? join("results", scale.isQuick ? "suite-quick" : "suite"),
  );
  expectReportFiles(store.path);
  const program = programVersion(workerFile);
  const { runtime, notices } = await readMachinery(words.runtime);
  announce([...notices, runtime.description, ...absences(states, words.dataDir)]);

  const cases = casesOf(
    parts,
    states.filter(isReadable).map(({ setting }) => setting),
    scale,
  );
  if (cases.length === 0)
    throw new InputError(
      "Expected the data of at least one setting but none is here, see above; glyphs/MNISTNet needs none",
    );
  const own = shard ? shareOf(cases, shard) : cases;
  const worlds = new Map(
    everything.map(({ setting, data }) => [
      setting.name,
      [
        runtime.description,
        dataFingerprint(data),
        // What is in flight is waited for before a run is saved, which changes what it learns.
        ...(every === null ? [] : [`saved every ${JSON.stringify(every)}`]),
      ],
    ]),
  );
  const stop = onInterrupt();
  const progress = new SuiteProgress(names, own.length);
  const start = { runtime: words.runtime, dataDir };
  const pool = new WorkerPool(workerFile, processes, start, (line) => progress.tell(line));
  try {
    const outcome = await runSuite({
      cases: own,
      store,
      pool,
      program,
      worldOf: ({ setting }) => worlds.get(setting) as string[],
      every,
      stop,
      onRun: progress.onRun,
      onFailure: progress.onFailure,
      onWaiting: progress.onWaiting,
    });
    progress.clear();
    announce([wordsFor(outcome, own.length)]);
    progress.failures.close(outcome.kept + outcome.made + outcome.others);
    // A scheduler is not to take it for done.
    if (stop.exitCode !== null && leftOf(outcome, own.length) > 0) process.exitCode = stop.exitCode;
  } finally {
    progress.clear();
    pool.close();
  }
  publish(store, { parts, states, scale, program }, worlds, words.json === true);
}

/** Writes and prints the report, and writes it again where another process has added a run meanwhile. */
function publish(
  store: SuiteStore,
  shown: Asked,
  worlds: ReadonlyMap<string, readonly string[]>,
  isJson: boolean,
): void {
  let report: ReturnType<typeof assembleReport>;
  let count: number;
  let written: boolean;
  do {
    count = store.size;
    const runs = readRuns(store.path, (sentence) => announce([sentence]));
    // What another program, runtime or other data gave is not what was asked for.
    const own = runs.filter(
      ({ case: { setting }, program, world }) =>
        program === shown.program && `${world}` === `${worlds.get(setting)}`,
    );
    report = assembleReport(own, shown);
    const current = report;
    written = report.records.length > 0 && attempt(() => writeSuiteReport(current, store.path));
  } while (store.size !== count);
  if (written) announce([`page and tables in ${store.path}`]);
  const names = shown.parts.map(({ name }) => name);
  print(isJson ? JSON.stringify(reportData(report, names)) : renderText(report, names));
}

const workerFile = fileURLToPath(new URL("./suite-worker.js", import.meta.url));

function readParts(names: readonly string[]): readonly SuitePart[] {
  const known = [...partNames, all];
  const chosen = names.map((name) => parseName(name, "the tables and figures", known));
  return chosen.includes(all) ? suiteParts : suiteParts.filter(({ name }) => chosen.includes(name));
}

function readScale({ quick = false, items, seeds, seed }: Words): SuiteScale {
  const scale = quick ? quickScale : fullScale;
  const first = parseCount(seed, "--seed", { zero: true });
  return {
    ...scale,
    ...(items === undefined ? {} : { mostItems: parseCount(items, "--items") }),
    seeds: readSeeds(seeds, first),
  };
}

function readShard(text: string | undefined): Shard | null {
  if (text !== undefined) return parseShard(text);
  const found = scheduledShard(process.env);
  if (found)
    announce([`share ${found.index + 1}/${found.count} of the runs, as ${found.scheduler} says`]);
  return found;
}

/** Whether a setting's data is here; a suite fetches nothing by itself. */
const isReadable = ({ data }: SettingState) => data.isAtHand;

/** Those named, or all of the paper's; where none of them has its data, what stands in for them. */
function chooseSettings(
  states: readonly SettingState[],
  names: string | undefined,
): SettingState[] {
  const known = states.map(({ setting }) => setting.name);
  if (names !== undefined) {
    const wanted = names.split(",").map((name) => parseName(name.trim(), "--settings", known));
    return states.filter(({ setting }) => wanted.includes(setting.name));
  }
  const paper = states.filter(({ setting }) => setting.source === "paper");
  if (paper.some(isReadable)) return paper;
  announce([
    "no data of the paper's settings is here; digits that the program draws stand in for them",
  ]);
  return [...paper, ...states.filter(({ setting }) => setting.source === "stand-in")];
}

/** A sentence for each data set that is not here, with what to put where. */
function absences(states: readonly SettingState[], dataDir: string | undefined): string[] {
  const lacking = new Map<string, string[]>();
  for (const state of states.filter((each) => !isReadable(each))) {
    const { dataset } = state.data;
    lacking.set(dataset, [...(lacking.get(dataset) ?? []), state.setting.name]);
  }
  return [...lacking].map(([dataset, settings]) => {
    const { data } = states.find((each) => each.data.dataset === dataset) as SettingState;
    const remedy = data.isDownloaded
      ? `ferret datasets --read ${dataset}${dataDir === undefined ? "" : ` --data-dir ${dataDir}`} downloads it`
      : `put ${data.needs} from ${data.page}`;
    return `${settings.join(", ")} left out: ${dataset} is not here; ${remedy} into ${data.folder}`;
  });
}

/** Runs that have not been made. */
function leftOf({ kept, made, others, failed }: SuiteOutcome, total: number): number {
  return total - made - kept - others - failed;
}

/** How the work went, in a line. */
function wordsFor(outcome: SuiteOutcome, total: number): string {
  const { kept, made, others, failed } = outcome;
  const counts = [
    [made, "made"],
    [kept, "there already"],
    [others, "made by others meanwhile"],
    [failed, "failed"],
    [leftOf(outcome, total), "left to do"],
  ] as const;
  const words = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${total} runs: ${words.join(", ") || "none"}${effortOf(outcome)}`;
}

/** What the runs took, and what of it was mathematics; nothing where none was made. */
function effortOf({ made, mathTime, workTime }: SuiteOutcome): string {
  if (made === 0) return "";
  const rest = (100 * (workTime - mathTime)) / mathTime;
  return (
    `; ${formatDuration(workTime / 1000)} of work, of which ${formatDuration(mathTime / 1000)} mathematics of ` +
    `their steps (planning, reading and bookkeeping: ${rest.toFixed(1)} % on top)`
  );
}
