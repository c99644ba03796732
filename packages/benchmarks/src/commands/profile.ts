import {
  type MeasuredProfile,
  type Model,
  profileModel,
  type Runtime,
  runtimeNames,
} from "@ferret-ocl/pipeline";
import { loadAlgorithm, shapeOf } from "@ferret-ocl/pipeline/engine";
import { formatBytes } from "@ferret-ocl/planner";
import type { Command } from "commander";
import { parseCount, parseName } from "../parse.js";
import { prepareModel } from "../prepare.js";
import { compensatorsWith, measuredProfile } from "../profile-cache.js";
import { fitColumns } from "../report/fit.js";
import { algorithmHelp, dataDirOf, readMachinery } from "./options.js";
import { announce, print } from "./output.js";
import { parseAlgorithm } from "./parse-algorithm.js";
import { dataLoader, readTableOptions, withTableOptions } from "./table-options.js";

/** `ferret profile`: what every layer of a model costs. */
export function defineProfile(program: Command): void {
  withTableOptions(program.command("profile"))
    .description("measure time and memory of every layer of a model")
    .option("--model <name|path>", "built-in model, or a Keras JSON file", "mnistnet")
    .option("--dataset <name|path>", "data set that gives the input shape", "glyphs")
    .option("--data-dir <dir>", "folder with the data sets' files (or FERRET_DATA_DIR)")
    .option("--batch <count>", "samples in an item", "16")
    .option("--algorithm <name>", algorithmHelp("its learn batch is profiled"), "vanilla")
    .option("--timing <model|measured>", "from operation counts, or measured here", "measured")
    .option("--runtime <name>", `what computes: ${runtimeNames.join(", ")}`, "auto")
    .option("--fresh", "measure even if a profile of this machine is kept")
    .option("--json", "print the profile as JSON and nothing else")
    .addHelpText("after", "\nExample:\n  ferret profile --model mnistnet --batch 16\n")
    .action(async (raw: Record<string, string> & { json?: boolean; fresh?: boolean }) => {
      const batch = parseCount(raw.batch as string, "--batch");
      const timing = parseName(raw.timing as string, "--timing", ["model", "measured"] as const);
      const algorithm = await loadAlgorithm(parseAlgorithm(raw.algorithm as string));
      const { runtime, kernels, notices } = await readMachinery(raw.runtime);
      announce(notices);
      const dataset = await dataLoader([raw.dataset as string], {
        dataDir: dataDirOf(raw.dataDir),
        table: readTableOptions(raw),
      })(raw.dataset as string, 0);
      const { model } = prepareModel(raw.model as string, dataset.train);
      const { learnBatch } = algorithm.create(shapeOf(model, batch), { seed: 0 });
      const sizes = { model, runtime, batch, learnBatch };
      const profile =
        timing === "model"
          ? profileModel({ ...sizes, timing, compensators: compensatorsWith(kernels) })
          : measuredProfile({ ...sizes, kernels, fresh: raw.fresh === true });
      print(raw.json ? JSON.stringify(profile) : describeProfile(profile, model, runtime));
    });
}

/** A table: one row per layer. */
function describeProfile(profile: MeasuredProfile, model: Model, runtime: Runtime): string {
  const header = ["layer", "forward ms", "backward ms", "spread", "parameters", "output", "saved"];
  const rows = profile.layers.map((layer) => [
    layer.name,
    layer.forwardTime.toFixed(3),
    layer.backwardTime.toFixed(3),
    layer.spread === undefined ? "-" : `${(100 * layer.spread).toFixed(0)} %`,
    formatBytes(layer.parameterBytes),
    formatBytes(layer.outputBytes),
    formatBytes(layer.innerBytes),
  ]);
  return [
    `${model.name}, items of ${profile.batch}, learned in batches of ${profile.learnBatch}, ` +
      (profile.timing === "model"
        ? "times from operation counts"
        : `medians on one thread of ${profile.machine}, spread: interquartile range over median; ` +
          `${runtime.description}`),
    fitColumns([header, ...rows]),
    `whole model: ${profile.sequentialTime.toFixed(3)} ms for one item`,
  ].join("\n");
}
