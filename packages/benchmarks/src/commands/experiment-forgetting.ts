import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import type { Command } from "commander";
import {
  forgettingLearners,
  measureForgetting,
  recordOf,
  runOf,
} from "../experiments/forgetting.js";
import { finalAccuracy, forgetting } from "../metrics/accuracy-matrix.js";
import { parseCount } from "../parse.js";
import { timeLeft } from "../progress.js";
import { fitColumns } from "../report/fit.js";
import { renderForgetting } from "../report/forgetting.js";
import { forgettingRows } from "../report/forgetting-table.js";
import { openLaboratory, publish, withExperimentOptions } from "./experiment-parts.js";
import { withPaceOptions, withSettingOptions } from "./options.js";
import { announce } from "./output.js";
import { parseAlgorithm } from "./parse-algorithm.js";

/** `ferret experiment forgetting`: what each algorithm keeps of the tasks learned first. */
export function defineForgetting(experiment: Command): void {
  const command = experiment.command("forgetting");
  withPaceOptions(withSettingOptions(command, { model: "mlp", order: "split", lr: "0.01" }))
    .description("test every task after every task of a class-incremental stream")
    .option("--algorithms <list>", "which to compare", algorithmNames.join(","))
    .option("--test-samples <count>", "test samples in each measurement", "2000")
    .addHelpText(
      "after",
      "\nExample:\n  ferret experiment forgetting --dataset mnist --data-dir ~/data --items 3750 --passes 2\n",
    )
    .action(async (raw: Record<string, string | undefined> & { json?: boolean }) => {
      const names = (raw.algorithms as string).split(",").map((name) => name.trim());
      const algorithms = names.map(parseAlgorithm);
      const testSamples = parseCount(raw.testSamples as string, "--test-samples");
      const laboratory = await openLaboratory(raw);
      const began = performance.now();
      const runs = await measureForgetting({
        ...laboratory,
        algorithms,
        learners: forgettingLearners,
        testSamples,
        onRun(run, done, total) {
          const { record, overall } = run;
          laboratory.keep(recordOf(run));
          announce([
            `${done}/${total}  ${record.label}, ${record.algorithm}, seed ${record.seed}: ` +
              `accuracy ${finalAccuracy(overall).toFixed(1)} %, ` +
              `forgetting ${forgetting(overall).toFixed(1)}${timeLeft(began, done, total)}`,
          ]);
        },
      });
      publish(laboratory, raw.json === true, {
        runs,
        recordOf,
        runOf,
        json: (all) => all,
        page: renderForgetting,
        table: (all) => fitColumns(forgettingRows(all)),
      });
    });
  withExperimentOptions(command);
}
