import { join } from "node:path";
import { compensatorNames } from "@ferret-ocl/compensation";
import { optimizerNames, runtimeNames } from "@ferret-ocl/pipeline";
import type { Command } from "commander";
import { sweepCompensation } from "../experiments/compensation.js";
import { CompensationJournal } from "../experiments/compensation-journal.js";
import { writeWhole } from "../files.js";
import { parseCount, parseName } from "../parse.js";
import { ProgressLine } from "../progress.js";
import { renderCompensation } from "../report/compensation-page.js";
import { compensationRows } from "../report/compensation-table.js";
import { fitColumns } from "../report/fit.js";
import { writeReport } from "../report/html.js";
import { orderNames } from "../streams/registry.js";
import { readSeeds } from "./experiment-parts.js";
import { Failures } from "./failures.js";
import { onInterrupt } from "./interrupt.js";
import { dataDirOf, readLength, readMachinery, readScale, scaleHelp } from "./options.js";
import { announce, print } from "./output.js";
import { dataLoader, readTableOptions, withTableOptions } from "./table-options.js";
import { attempt } from "./troubles.js";

/** `ferret experiment compensation`: how much of what staleness costs each method gives back. */
export function defineCompensation(experiment: Command): void {
  withTableOptions(experiment.command("compensation"))
    .description("compare all compensation methods on late gradients, without a pipeline")
    .option("--datasets <list>", "data sets by name or path", "glyphs,mnist,covertype")
    .option("--data-dir <dir>", "folder with the data sets' files (or FERRET_DATA_DIR)")
    .option("--model <name|path>", "built-in model, or a Keras JSON file", "mlp")
    .option("--orders <list>", orderNames.join(", "), "iid,split")
    .option("--methods <list>", "compensators; none and exact are always included", everyMethod)
    .option("--staleness <list>", "number of updates by which gradients come late", "2,4,8,16,32")
    .option("--lrs <list>", "learning rates", "0.1,0.03,0.01")
    .option(
      "--optimizer <name>",
      `what turns gradients into steps: ${optimizerNames.join(", ")}`,
      "sgd",
    )
    .option("--items <count>", "items of each stream (default: what one pass fills, at most 300)")
    .option("--passes <count>", "how many times a stream may go over the samples (default: 1)")
    .option("--scale <name>", scaleHelp)
    .option("--batch <count>", "samples in an item", "16")
    .option("--seed <integer>", "the first seed", "0")
    .option("--seeds <count>", "runs of each, with seeds counted up from --seed", "3")
    .option("--runtime <name>", `what computes: ${runtimeNames.join(", ")}`, "auto")
    .option("--out <dir>", "also write compensation.ndjson, .json and .html there")
    .option("--resume", "take the runs that are in that folder, and make only the others")
    .option("--json", "print the runs as one JSON array and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret experiment compensation --datasets glyphs --staleness 4,16 --seeds 1\n",
    )
    .action(
      async (raw: Readonly<Record<string, string>> & { json?: boolean; resume?: boolean }) => {
        const numbers = (key: string, option: string, whole: boolean) =>
          list(raw[key]).map((text) => parseCount(text, option, { whole }));
        const seed = parseCount(raw.seed as string, "--seed", { zero: true });
        const world = {
          model: raw.model as string,
          scale: readScale(raw.scale),
          ...readLength({ items: raw.items, passes: raw.passes }, usualItems),
          batch: parseCount(raw.batch as string, "--batch"),
          optimizer: parseName(raw.optimizer as string, "--optimizer", optimizerNames),
        };
        const sweep = {
          ...world,
          datasets: list(raw.datasets),
          orders: list(raw.orders).map((name) => parseName(name, "--orders", orderNames)),
          methods: list(raw.methods).map((name) => parseName(name, "--methods", compensatorNames)),
          staleness: numbers("staleness", "--staleness", true),
          learningRates: numbers("lrs", "--lrs", false),
          seeds: readSeeds(raw.seeds as string, seed),
        };
        const { out } = raw;
        const files = ["compensation.json", "compensation.html"];
        const journal = out === undefined ? undefined : new CompensationJournal(out, files, world);
        const machinery = await readMachinery(raw.runtime);
        announce([...machinery.notices, machinery.runtime.description]);
        const load = dataLoader(sweep.datasets, {
          dataDir: dataDirOf(raw.dataDir),
          table: readTableOptions(raw),
          // Test splits are not used: what matters is that a series of its own has no gaps.
          order: sweep.orders.every((order) => order === "given") ? "given" : undefined,
        });
        let progress: ProgressLine | undefined;
        const stop = onInterrupt();
        const failures = new Failures();
        const runs = await sweepCompensation({
          ...sweep,
          machinery,
          stop,
          finished: raw.resume ? (journal?.runs() ?? []) : [],
          loadDataset: (name, drawn) => stop.aside(() => load(name, drawn)),
          onRun(run, done, total) {
            failures.release();
            attempt(() => journal?.add(run));
            progress ??= new ProgressLine("compensation", total, "runs");
            progress.update(done, `${run.dataset} ${run.order}, ${run.method}`);
          },
          onFailure: (failure, done, total) => failures.add(failure, done, total),
        });
        progress?.clear();
        failures.close(runs.length);
        if (runs.length === 0) return;
        if (out !== undefined && journal)
          attempt(() => {
            journal.retry();
            const all = journal.runs();
            writeWhole(join(out, "compensation.json"), `${JSON.stringify(all)}\n`);
            const title = `Compensation of late gradients, optimizer ${world.optimizer}`;
            const page = renderCompensation(all, { title });
            writeReport(join(out, "compensation.html"), page);
          });
        print(raw.json ? JSON.stringify(runs) : fitColumns(compensationRows(runs)));
      },
    );
}

/** Items of a stream where no number is asked for: enough to tell the methods apart. */
const usualItems = 300;

const everyMethod = compensatorNames.filter((name) => name !== "none").join(",");

const list = (text: string | undefined) => (text ?? "").split(",").map((part) => part.trim());
