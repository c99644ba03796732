import { saveLayersModel, saveSafetensors } from "@ferret-ocl/pipeline";
import { nameParameters, tfjsNotices } from "@ferret-ocl/pipeline/engine";
import { type LivePage, type LiveSnapshot, openLivePage } from "@ferret-ocl/server";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { openFolder, openPlaceOf } from "../folders.js";
import { meaningOf, modelMetadata, weightsMetadata } from "../meaning.js";
import { skipSizes } from "../methods/one-stage.js";
import { methodNames, methods } from "../methods/registry.js";
import { parseCount } from "../parse.js";
import { timingNotices } from "../prepare.js";
import { renderRecords } from "../report/html.js";
import { renderTable } from "../report/table.js";
import { remarks } from "../report/words.js";
import { ResultFolder } from "../results.js";
import { run } from "../run.js";
import { createStream } from "../streams/registry.js";
import { readCheckpointOptions, withCheckpointOptions } from "./checkpoint-options.js";
import { withGivenPlanOptions } from "./given-plan.js";
import { onInterrupt } from "./interrupt.js";
import {
  isUsual,
  type Raw,
  readMachinery,
  readSetting,
  withEngineOptions,
  withPaceOptions,
  withSettingOptions,
} from "./options.js";
import { announce, print } from "./output.js";
import { dataLoader } from "./table-options.js";
import { attempt } from "./troubles.js";

interface Words {
  readonly change?: string[];
  readonly json?: boolean;
  readonly resume?: boolean;
  readonly live?: string | true;
  readonly [option: string]: unknown;
}

/** `ferret run`: one learner over one stream. */
export function defineRun(program: Command): void {
  const command = withGivenPlanOptions(
    withEngineOptions(
      withPaceOptions(withSettingOptions(program.command("run"), { choosesEngine: true }), {
        max: true,
      }),
    ),
  )
    .description("run one learner over a stream and print its result record")
    .option("--method <name>", methodNames.join(", "), "ferret")
    .option("--memory-budget <size|name>", "such as 40MiB, or min, 2bw, none", "none")
    .option(
      "--change <item:what>",
      "make a new plan from an item on, such as 300:memory-budget=20MiB,arrival=2ms or " +
        "300:compute-units=1; may be repeated",
      (text: string, before: string[] = []) => [...before, text],
    )
    .option(
      "--skip-items <count>",
      "begin this many items later in the stream; --items counts from there",
      "0",
    )
    .option("--stages <count>", "devices of a fixed schedule (default: 4, or by the model)")
    .option(
      "--microbatches <count>",
      "items per flush of a fixed schedule (default: as many as stages)",
    )
    .option(
      "--waiting <count>",
      `of a batch skip: newest items that wait to be chosen (default: ${skipSizes.waiting})`,
    )
    .option(
      "--at-once <count>",
      `of a batch skip: items of them that are learned at once (default: ${skipSizes.atOnce})`,
    );
  withCheckpointOptions(command, true)
    .option(
      "--live [port]",
      "show the run on a page of this machine while it goes on (default: any port that is free)",
    )
    .option("--out <dir>", "also write results.ndjson and report.html there")
    .option("--save-model <dir>", "write the model as it is at the end, as a LayersModel of tfjs")
    .option("--save-weights <file>", "write its weights as a safetensors file, in Keras names")
    .option("--json", "print the record as JSON and nothing else")
    .addHelpText("after", `\nMethods:\n${methodList()}`)
    .addHelpText(
      "after",
      "\nExample:\n  ferret run --dataset glyphs --method ferret --memory-budget 40MiB --items 500\n",
    )
    .action(async ({ change, json, resume, live, ...words }: Words, command: Command) => {
      const raw = words as Raw;
      const setting = readSetting(raw, change);
      const port = readPort(live);
      const checkpoint = readCheckpointOptions(raw, setting.engine, resume === true);
      const folder = raw.out === undefined ? undefined : new ResultFolder(raw.out);
      if (raw.saveModel !== undefined) openFolder(raw.saveModel, "--save-model");
      if (raw.saveWeights !== undefined) openPlaceOf(raw.saveWeights, "--save-weights");
      const machinery = await readMachinery(raw.runtime);
      announce([...machinery.notices, ...timingNotices(setting)]);
      const dataset = await dataLoader([setting.dataset], {
        ...setting,
        isUsualOrder: isUsual(command, "order"),
      })(setting.dataset, setting.seed);
      const stream = createStream(dataset, setting);
      const record = await run({
        setting,
        dataset,
        stream,
        machinery,
        ...(checkpoint && { checkpoint }),
        ...(port !== null && { show: (look) => showPage(look, port) }),
        stop: onInterrupt(),
        onTrained: (model, parameters, items) => {
          const { saveModel, saveWeights } = raw;
          const means = () => meaningOf(dataset, stream, setting, items);
          if (saveModel !== undefined)
            save(saveModel, () => {
              saveLayersModel(saveModel, model, parameters, modelMetadata(means()));
              announce(tfjsNotices(model));
            });
          if (saveWeights !== undefined)
            save(saveWeights, () =>
              saveSafetensors(
                saveWeights,
                nameParameters(model, parameters),
                weightsMetadata(means()),
              ),
            );
        },
      });
      if (folder)
        attempt(() => {
          folder.add(record);
          folder.writePage(renderRecords);
        });
      announce(remarks(record, setting));
      if (record.compensationFaults > 0)
        announce([
          `${record.compensationFaults} gradients diverged; compensation was suspended after each ` +
            "(a smaller --lr may help)",
        ]);
      print(json ? JSON.stringify(record) : renderTable([record]));
    });
}

/** 0: any that is free; null: the run is not shown. */
function readPort(live: string | true | undefined): number | null {
  if (live === undefined) return null;
  return live === true ? 0 : parseCount(live, "--live", { zero: true });
}

async function showPage(look: (isRead: boolean) => LiveSnapshot, port: number): Promise<LivePage> {
  const page = await openLivePage(look, port);
  announce([`the run is shown at ${page.address}`]);
  return page;
}

/** Saves a model where that can be done; what the run has given is there all the same. */
function save(path: string, write: () => void): void {
  attempt(() => {
    try {
      write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined || code === "FERRET_INPUT") throw error;
      throw new InputError(
        `Expected to be able to write ${path} but got ${code}; make room there or choose another ` +
          "place",
      );
    }
  });
}

/** What each method does, one line each. */
function methodList(): string {
  const width = Math.max(...methodNames.map((name) => name.length));
  return methodNames.map((name) => `  ${name.padEnd(width)}  ${methods[name].summary}`).join("\n");
}
