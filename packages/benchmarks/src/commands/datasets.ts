import type { Command } from "commander";
import { type DataState, dataStates } from "../datasets/at-hand.js";
import { type Dataset, inputLength } from "../datasets/contract.js";
import { fitColumns } from "../report/fit.js";
import { formatTime } from "../report/format.js";
import { type SettingState, settingStates } from "../suite/at-hand.js";
import { dataDirOf } from "./options.js";
import { print } from "./output.js";
import { dataLoader, readTableOptions, withTableOptions } from "./table-options.js";

interface Words {
  readonly dataDir?: string;
  readonly read?: string;
  readonly json?: boolean;
}

/** `ferret datasets`: what can be read here, and what is to be put where. */
export function defineDatasets(program: Command): void {
  withTableOptions(
    program
      .command("datasets")
      .description("list data sets and the paper's settings: which are at hand, what goes where")
      .option("--data-dir <dir>", "folder with the data sets' files (or FERRET_DATA_DIR)")
      .option(
        "--read <name|path>",
        "read one instead, and say what it holds and how fast that goes",
      ),
  )
    .option("--json", "print it as JSON and nothing else")
    .addHelpText("after", "\nExample:\n  ferret datasets --read stand-in.csv --label cover\n")
    .action(async (words: Words) => {
      const dataDir = dataDirOf(words.dataDir);
      if (words.read !== undefined) {
        const found = await readOne(words.read, dataDir, words);
        print(words.json ? JSON.stringify(found) : described(found));
        return;
      }
      const datasets = await dataStates({ dataDir });
      const settings = await settingStates({ dataDir });
      print(words.json ? JSON.stringify({ datasets, settings }) : rendered(datasets, settings));
    });
}

/** Samples that are read for their speed, and of a stretch of them. */
const mostTimed = 20_000;
const stretch = 100;

/** What one data set holds, and how fast it is read. */
async function readOne(name: string, dataDir: string | undefined, words: object) {
  const begin = performance.now();
  const load = dataLoader([name], { dataDir, table: readTableOptions(words) });
  const dataset = await load(name, 0);
  const loadTime = performance.now() - begin;
  const { train, test } = dataset;
  return {
    name: dataset.name,
    train: train.count,
    test: test.count,
    shape: train.inputShape,
    classes: train.classes,
    classNames: dataset.classNames ?? null,
    origin: dataset.origin ?? null,
    /** Milliseconds until the first sample could be read. */
    loadTime,
    /** Samples a second from then on. */
    readRate: rateOf(dataset),
  };
}

/**
 * Samples a second, in an order in which none follows the one before it: the median of stretches, since
 * other programs may interrupt.
 */
function rateOf({ train }: Dataset): number {
  const x = new Float32Array(inputLength(train));
  const times: number[] = [];
  for (let at = 0; at < mostTimed; at += stretch) {
    const begin = performance.now();
    for (let each = at; each < at + stretch; each++) train.read((each * 7_919) % train.count, x, 0);
    times.push(performance.now() - begin);
  }
  times.sort((left, right) => left - right);
  return (1000 * stretch) / (times[times.length >> 1] as number);
}

function described(found: Awaited<ReturnType<typeof readOne>>): string {
  const { name, train, test, shape, classes, classNames, origin, loadTime, readRate } = found;
  const names = classNames?.slice(0, 10).join(", ");
  return [
    `${name}: ${train} samples to learn from and ${test} to test, each of ${shape.join(" x ")} values`,
    `${classes} classes${names ? `: ${names}${classes > 10 ? ", ..." : ""}` : ""}`,
    `files: ${origin?.files ?? "-"}${origin?.decoder ? `, decoded by ${origin.decoder}` : ""}`,
    `ready after ${formatTime(loadTime)}, then ${Math.round(readRate)} samples a second`,
  ].join("\n");
}

function rendered(datasets: readonly DataState[], settings: readonly SettingState[]): string {
  const lacking = datasets.filter(({ isAtHand }) => !isAtHand);
  return [
    fitColumns(
      [
        ["data set", "here", "folder"],
        ...datasets.map((state) => [state.dataset, hereOf(state), state.folder ?? "-"]),
      ],
      [2],
    ),
    "",
    fitColumns(
      [
        ["setting", "data set", "order", "here"],
        ...settings.map(({ setting, data }) => [
          setting.name,
          setting.dataset,
          setting.order,
          hereOf(data),
        ]),
      ],
      [3],
    ),
    ...lacking.flatMap(({ dataset, needs, folder, page, isDownloaded }) => [
      "",
      `${dataset}${isDownloaded ? " (downloaded when it is asked for; or by hand)" : ""}`,
      `  put  ${needs}`,
      `  in   ${folder}`,
      `  from ${page}`,
    ]),
  ].join("\n");
}

function hereOf({ isAtHand, isDownloaded, folder }: DataState): string {
  if (folder === null) return "drawn";
  return isAtHand ? "yes" : isDownloaded ? "download" : "no";
}
