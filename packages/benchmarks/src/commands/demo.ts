import { join } from "node:path";
import type { Command } from "commander";
import { compare } from "../experiments/compare.js";
import { timingNotices } from "../prepare.js";
import { renderRecords } from "../report/html.js";
import { renderTable } from "../report/table.js";
import { newRemarks } from "../report/words.js";
import { ResultFolder, recordsFile } from "../results.js";
import { readSeeds } from "./experiment-parts.js";
import { Failures } from "./failures.js";
import { onInterrupt } from "./interrupt.js";
import {
  isUsual,
  type Raw,
  readMachinery,
  readSetting,
  withPaceOptions,
  withSettingOptions,
} from "./options.js";
import { announce, print } from "./output.js";
import { dataLoader } from "./table-options.js";
import { attempt } from "./troubles.js";

/** What tfjs can show in a minute or two. */
const smallModel = "mlp";

/** `ferret demo`: the main comparison, small enough for a coffee break. */
export function defineDemo(program: Command): void {
  withPaceOptions(withSettingOptions(program.command("demo")))
    .description("compare Oracle, Ferret at three memory budgets and 1-Skip on one stream")
    .option("--seeds <count>", "runs of each learner, with seeds counted up from --seed", "1")
    .option("--out <dir>", "where results.ndjson and report.html go; default results/<setting>")
    .option("--json", "print the records as one JSON array and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret demo --dataset mnist --data-dir ~/data --items 3750 --seeds 3\n",
    )
    .action(async ({ json, ...words }: Raw & { json?: boolean }, command: Command) => {
      const raw = words as Raw;
      // Before anything is loaded: what is wrong is told at once.
      readSetting(raw);
      const machinery = await readMachinery(raw.runtime);
      const { notices, runtime } = machinery;
      announce(notices.length > 0 ? notices : [runtime.description]);
      const isSlow = runtime.name !== "native" && isUsual(command, "model");
      if (isSlow)
        announce([
          `--model ${smallModel}, as ${raw.model} takes half an hour without native programs`,
        ]);
      const setting = readSetting(isSlow ? { ...raw, model: smallModel } : raw);
      const seeds = readSeeds(raw.seeds as string, setting.seed);
      const folder = new ResultFolder(raw.out ?? join("results", nameOf(setting)));
      announce(timingNotices(setting));
      const remarksOf = newRemarks(setting);
      const failures = new Failures();
      const stop = onInterrupt();
      const load = dataLoader([setting.dataset], {
        ...setting,
        isUsualOrder: isUsual(command, "order"),
      });
      const records = await compare({
        setting,
        seeds,
        loadDataset: (seed) => stop.aside(() => load(setting.dataset, seed)),
        machinery,
        stop,
        onFailure: (failure, done, total) => failures.add(failure, done, total),
        onRun(record, done, total) {
          failures.release();
          attempt(() => folder.add(record));
          announce([
            `${done}/${total}  ${record.label}, seed ${record.seed}: online accuracy ` +
              `${record.oacc.toFixed(1)} %, ${record.dropped} of ${record.items} dropped`,
            ...remarksOf(record),
          ]);
        },
      });
      failures.close(records.length);
      if (records.length === 0) return;
      const written = attempt(() => {
        folder.retry();
        folder.writePage(renderRecords);
      });
      print(json ? JSON.stringify(records) : renderTable(records));
      if (written)
        announce([`records in ${join(folder.path, recordsFile)}, charts in ${folder.page}`]);
    });
}

/** The setting as a folder's name. */
function nameOf({ dataset, model }: { readonly dataset: string; readonly model: string }): string {
  const plain = (text: string) => text.replace(/[^\w.-]+/g, "_");
  return `${plain(dataset)}-${plain(model)}`;
}
