import type { Command } from "commander";
import { measurePressure, pressurePoints } from "../experiments/pressure.js";
import { methodNames } from "../methods/registry.js";
import { parseCount, parseName } from "../parse.js";
import { timeLeft } from "../progress.js";
import { fitColumns } from "../report/fit.js";
import { renderPressure } from "../report/pressure.js";
import { pressureTables } from "../report/pressure-table.js";
import { newRemarks } from "../report/words.js";
import { openLaboratory, publish, withExperimentOptions } from "./experiment-parts.js";
import { withSettingOptions } from "./options.js";
import { announce } from "./output.js";

type Words = Readonly<Record<string, string | undefined>> & { readonly json?: boolean };

/** `ferret experiment pressure`: what methods drop, and still learn, as items come faster. */
export function definePressure(experiment: Command): void {
  const command = experiment.command("pressure");
  withSettingOptions(command, { model: "mlp" })
    .description("run every method on streams that come faster and faster")
    .option("--methods <list>", "which to compare", methodNames.join(","))
    .option(
      "--pressures <list>",
      "how many times faster items come than one learner takes them",
      "1,2,4,8,16,32",
    )
    .option("--stages <count>", "devices of fixed schedules (default: 4, or by the model)")
    .option(
      "--microbatches <count>",
      "items per flush of fixed schedules (default: as many as stages)",
    )
    .option(
      "--memory-budget <size|name>",
      "for methods that plan: 40MiB, or min, 2bw, none",
      "none",
    )
    .addHelpText(
      "after",
      "\nExample:\n  ferret experiment pressure --dataset mnist --data-dir ~/data --seeds 1\n",
    )
    .action(async ({ stages, microbatches, ...raw }: Words) => {
      const list = (key: string) => (raw[key] as string).split(",").map((part) => part.trim());
      const methods = list("methods").map((name) => parseName(name, "--methods", methodNames));
      const pressures = list("pressures").map((text) =>
        parseCount(text, "--pressures", { whole: false }),
      );
      const optionalCount = (text: string | undefined, name: string) =>
        text === undefined ? null : parseCount(text, name);
      const shape = {
        stages: optionalCount(stages, "--stages"),
        microbatches: optionalCount(microbatches, "--microbatches"),
      };
      const laboratory = await openLaboratory(raw);
      const remarksOf = newRemarks(laboratory.setting);
      const began = performance.now();
      const records = await measurePressure({
        ...laboratory,
        setting: { ...laboratory.setting, ...shape },
        methods: [...new Set(methods)],
        pressures: [...new Set(pressures)].sort((a, b) => a - b),
        onRun(record, done, total) {
          laboratory.keep(record);
          announce([
            ...remarksOf(record),
            `${done}/${total}  ${record.label} at pressure ${record.pressure.toPrecision(3)}, ` +
              `seed ${record.seed}: online accuracy ${record.oacc.toFixed(1)} %, ` +
              `${record.dropped} of ${record.items} dropped${timeLeft(began, done, total)}`,
          ]);
        },
      });
      publish(laboratory, raw.json === true, {
        runs: records,
        recordOf: (record) => record,
        runOf: (record) => record,
        json: pressurePoints,
        page: renderPressure,
        table: (all) =>
          pressureTables(pressurePoints(all))
            .map(({ rows }) => fitColumns(rows))
            .join("\n\n"),
      });
    });
  withExperimentOptions(command);
}
