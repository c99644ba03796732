import { join } from "node:path";
import type { Command } from "commander";
import { parseCount } from "../config.js";
import { loadDataset } from "../datasets/registry.js";
import { compare } from "../experiments/compare.js";
import { expectFolder, makeFolder } from "../files.js";
import { timingNotices } from "../prepare.js";
import { writeRecords } from "../record.js";
import { renderReport, writeReport } from "../report/html.js";
import { renderTable } from "../report/table.js";
import { newRemarks } from "../report/words.js";
import { onInterrupt } from "./interrupt.js";
import { readMachinery, readSetting, withPaceOptions, withSettingOptions } from "./options.js";
import { announce, print } from "./output.js";

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
    .action(async (raw: Record<string, string | undefined> & { json?: boolean }) => {
      const setting = readSetting(raw);
      const seedCount = parseCount(raw.seeds as string, "--seeds");
      const name = `${setting.dataset.replace(/[^\w.-]+/g, "_")}-${setting.model.replace(/[^\w.-]+/g, "_")}`;
      const out = raw.out ?? join("results", name);
      expectFolder(out);
      const machinery = await readMachinery(raw.runtime);
      const { notices, runtime } = machinery;
      announce(notices.length > 0 ? notices : [runtime.description]);
      announce(timingNotices(setting));
      const remarksOf = newRemarks(setting);
      const records = await compare({
        setting,
        seeds: Array.from({ length: seedCount }, (_, index) => setting.seed + index),
        loadDataset: (seed) => loadDataset(setting.dataset, { dataDir: setting.dataDir, seed }),
        machinery,
        stop: onInterrupt(),
        onRecord: (record, done, total) =>
          announce([
            `${done}/${total}  ${record.label}, seed ${record.seed}: online accuracy ` +
              `${record.oacc.toFixed(1)} %, ${record.dropped} of ${record.items} dropped`,
            ...remarksOf(record),
          ]),
      });
      makeFolder(out);
      writeRecords(out, records);
      const report = join(out, "report.html");
      writeReport(report, renderReport(records, { title: `Ferret on ${setting.dataset}` }));
      print(raw.json ? JSON.stringify(records) : renderTable(records));
      announce([`records in ${join(out, "results.ndjson")}, charts in ${report}`]);
    });
}
