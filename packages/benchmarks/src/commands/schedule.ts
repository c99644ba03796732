import { dirname } from "node:path";
import {
  chromeTrace,
  countStages,
  createOrder,
  type FixedOrder,
  idleTime,
  layOut,
  orderNames,
  render,
  type StageCounts,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import type { Command } from "commander";
import { parseCount, parseName } from "../config.js";
import { expectFolder, writeWhole } from "../files.js";
import { alignColumns } from "../report/table.js";
import { announce, print } from "./output.js";

interface Words {
  readonly stages: string;
  readonly microbatches?: string;
  readonly forward: string;
  readonly backward: string;
  readonly weight: string;
  readonly trace?: string;
  readonly json?: boolean;
}

/** `ferret schedule`: what a compared schedule does when, drawn. */
export function defineSchedule(program: Command): void {
  program
    .command("schedule")
    .description("draw a pipeline schedule and count what it holds")
    .argument("<name>", orderNames.join(", "))
    .option("--stages <count>", "devices of the pipeline", "4")
    .option("--microbatches <count>", "micro-batches of a flush (default: as many as devices)")
    .option("--forward <time>", "time of a forward pass of one stage", "1")
    .option("--backward <time>", "time of the gradient at the input", "1")
    .option("--weight <time>", "time of the weight gradient", "1")
    .option("--trace <file>", "also write a trace that Perfetto and chrome://tracing open")
    .option("--json", "print actions and counts as JSON and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret schedule zero-bubble --stages 4 --microbatches 8 --trace trace.json\n",
    )
    .action((name: string, words: Words) => {
      const devices = parseCount(words.stages, "--stages");
      const order = createOrder(
        parseName(name, "the schedule", orderNames),
        devices,
        words.microbatches === undefined
          ? devices
          : parseCount(words.microbatches, "--microbatches"),
      );
      const time = (key: "forward" | "backward" | "weight") =>
        parseCount(words[key], `--${key}`, { whole: false });
      const times = {
        forward: time("forward"),
        backward: time("backward"),
        weight: time("weight"),
      };
      if (words.trace !== undefined) expectFolder(dirname(words.trace), "--trace");
      const actions = layOut(order, times);
      const counts = countStages(order);
      const idle = idleTime(order, actions);
      if (words.trace !== undefined) {
        writeWhole(
          words.trace,
          chromeTrace(actions, (action) => deviceRow(order, action)),
        );
        announce([`trace in ${words.trace}; open it at ui.perfetto.dev or chrome://tracing`]);
      }
      print(
        words.json
          ? JSON.stringify({ name: order.name, idle, counts, actions })
          : [
              draw(order, actions, Math.min(...Object.values(times))),
              "",
              table(counts),
              "",
              told(order, actions, idle),
            ].join("\n"),
      );
    });
}

function deviceRow(order: FixedOrder, { stage }: TimedAction) {
  const row = order.deviceOf(stage);
  return { row, name: `device ${row}` };
}

/** One row a device. */
function draw(order: FixedOrder, actions: readonly TimedAction[], tick: number): string {
  const byDevice = actions.map((action) => ({ ...action, stage: order.deviceOf(action.stage) }));
  return render(byDevice, tick).replaceAll(/^worker 0 stage/gm, "device");
}

function table(counts: readonly StageCounts[]): string {
  const header = ["stage", "weight versions", "activations", "kept for W", "staleness (gradients)"];
  const rows = counts.map(({ stage, weightVersions, activations, ...rest }) => [
    String(stage),
    String(weightVersions),
    String(activations),
    String(rest.weightActivations),
    rest.staleness
      .flatMap((count, value) => (count > 0 ? [`${value} (${count})`] : []))
      .join(", ") || "none yet",
  ]);
  return alignColumns([header, ...rows]);
}

function told(order: FixedOrder, actions: readonly TimedAction[], idle: number): string {
  const makespan = Math.max(...actions.map(({ end }) => end));
  return (
    `${order.stageCount} stages on ${order.deviceCount} devices, ${order.microbatchCount} ` +
    `micro-batches: ${makespan} time units, of which a device is idle for at most ${idle} ` +
    `(${((100 * idle) / makespan).toFixed(0)} %)`
  );
}
