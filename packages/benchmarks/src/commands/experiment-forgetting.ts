import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import type { Command } from "commander";
import { parseAlgorithm } from "../algorithm.js";
import { parseCount } from "../config.js";
import { loadDataset } from "../datasets/registry.js";
import { forgettingLearners, measureForgetting } from "../experiments/forgetting.js";
import { expectFolder, makeFolder, writeWhole } from "../files.js";
import { finalAccuracy, forgetting } from "../metrics/accuracy-matrix.js";
import { timingNotices } from "../prepare.js";
import { writeRecords } from "../record.js";
import { renderForgetting } from "../report/forgetting.js";
import { forgettingRows } from "../report/forgetting-table.js";
import { writeReport } from "../report/html.js";
import { alignColumns } from "../report/table.js";
import { onInterrupt } from "./interrupt.js";
import { readMachinery, readSetting, withSettingOptions } from "./options.js";
import { announce, print } from "./output.js";

/** `ferret experiment forgetting`: what each algorithm keeps of the tasks learned first. */
export function defineForgetting(experiment: Command): void {
  withSettingOptions(experiment.command("forgetting"), { model: "mlp", order: "split", lr: "0.01" })
    .description("test every task after every task of a class-incremental stream")
    .option("--algorithms <list>", "which to compare", algorithmNames.join(","))
    .option("--seeds <count>", "runs of each, with seeds counted up from --seed", "3")
    .option("--test-samples <count>", "test samples of each measurement", "2000")
    .option(
      "--out <dir>",
      "where results.ndjson, runs.json and report.html go",
      "results/forgetting",
    )
    .option("--json", "print the runs as one JSON array and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret experiment forgetting --dataset mnist --data-dir ~/data --items 3750\n",
    )
    .action(async (raw: Record<string, string | undefined> & { json?: boolean }) => {
      const setting = readSetting(raw);
      const seedCount = parseCount(raw.seeds as string, "--seeds");
      const names = (raw.algorithms as string).split(",").map((name) => name.trim());
      const out = raw.out as string;
      expectFolder(out);
      const machinery = await readMachinery(raw.runtime);
      announce([...machinery.notices, machinery.runtime.description, ...timingNotices(setting)]);
      const runs = await measureForgetting({
        setting,
        algorithms: names.map(parseAlgorithm),
        learners: forgettingLearners,
        seeds: Array.from({ length: seedCount }, (_, index) => setting.seed + index),
        loadDataset: (seed) => loadDataset(setting.dataset, { dataDir: setting.dataDir, seed }),
        testSamples: parseCount(raw.testSamples as string, "--test-samples"),
        machinery,
        stop: onInterrupt(),
        onRun: ({ record, overall }, done, total) =>
          announce([
            `${done}/${total}  ${record.label}, ${record.algorithm}, seed ${record.seed}: ` +
              `accuracy ${finalAccuracy(overall).toFixed(1)} %, ` +
              `forgetting ${forgetting(overall).toFixed(1)}`,
          ]),
      });
      if (runs.length === 0) return;
      makeFolder(out);
      writeRecords(
        out,
        runs.map(({ record }) => record),
      );
      writeWhole(join(out, "runs.json"), `${JSON.stringify(runs)}\n`);
      writeReport(join(out, "report.html"), renderForgetting(runs));
      announce([`runs in ${join(out, "runs.json")}, charts in ${join(out, "report.html")}`]);
      print(raw.json ? JSON.stringify(runs) : alignColumns(forgettingRows(runs)));
    });
}
