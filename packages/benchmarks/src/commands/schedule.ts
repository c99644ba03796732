import {
  type ActionTimes,
  orderNames,
  renderDevices,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import { chromeTrace, idleTime, type StageCounts } from "@ferret-ocl/pipeline/engine";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { ferretTimeline } from "../ferret-timeline.js";
import { writeWhole } from "../files.js";
import { openPlaceOf } from "../folders.js";
import { parseCount, parseName } from "../parse.js";
import { fitColumns } from "../report/fit.js";
import { orderTimeline, type Timeline } from "../timeline.js";
import { readMachinery } from "./options.js";
import { announce, print } from "./output.js";
import { attempt } from "./troubles.js";

interface Words {
  readonly stages: string;
  readonly microbatches?: string;
  readonly workers: string;
  readonly forward: string;
  readonly backward: string;
  readonly weight: string;
  readonly runtime: string;
  readonly trace?: string;
  readonly json?: boolean;
}

const names = [...orderNames, "ferret"];

/** `ferret schedule`: what a pipeline schedule does when, drawn. */
export function defineSchedule(program: Command): void {
  program
    .command("schedule")
    .description("draw a pipeline schedule and count what it holds")
    .argument("<name>", names.join(", "))
    .option("--stages <count>", "devices of the pipeline", "4")
    .option("--microbatches <count>", "micro-batches of a flush (default: as many as devices)")
    .option("--workers <count>", "pipelines that share the model; only for ferret", "1")
    .option("--forward <time>", "time of a forward pass of one stage", "1")
    .option("--backward <time>", "time of the gradient at the input", "1")
    .option("--weight <time>", "time of the weight gradient", "1")
    .option("--runtime <name>", "what computes when ferret is drawn, as for ferret run", "auto")
    .option("--trace <file>", "also write a trace that Perfetto and chrome://tracing open")
    .option("--json", "print actions and counts as JSON and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret schedule zero-bubble --stages 4 --microbatches 8 --trace trace.json\n",
    )
    .action(async (name: string, words: Words) => {
      const time = (key: "forward" | "backward" | "weight") =>
        parseCount(words[key], `--${key}`, { whole: false });
      const times = {
        forward: time("forward"),
        backward: time("backward"),
        weight: time("weight"),
      };
      if (words.trace !== undefined) openPlaceOf(words.trace, "--trace");
      const timeline = await timelineOf(name, words, times);
      const { actions, counts } = timeline;
      const idle = idleTime(timeline, actions);
      const { trace } = words;
      if (trace !== undefined)
        attempt(() => {
          writeWhole(
            trace,
            chromeTrace(actions, (action) => deviceRow(timeline, action)),
          );
          announce([`trace in ${trace}; open it at ui.perfetto.dev or chrome://tracing`]);
        });
      print(
        words.json
          ? JSON.stringify({ name: timeline.name, idle, counts, actions })
          : [
              draw(timeline, Math.min(...Object.values(times))),
              "",
              table(counts),
              "",
              told(timeline, idle),
            ].join("\n"),
      );
    });
}

/** Fixed orders are laid out; Ferret is run. */
async function timelineOf(name: string, words: Words, times: ActionTimes): Promise<Timeline> {
  const stageCount = parseCount(words.stages, "--stages");
  const itemCount =
    words.microbatches === undefined
      ? stageCount
      : parseCount(words.microbatches, "--microbatches");
  const workerCount = parseCount(words.workers, "--workers");
  expectDrawable(stageCount, itemCount, times);
  if (parseName(name, "the schedule", names) === "ferret") {
    const { runtime, notices } = await readMachinery(words.runtime);
    announce(notices);
    return ferretTimeline({ runtime, stageCount, workerCount, itemCount, times });
  }
  if (workerCount !== 1)
    throw new InputError(
      `Expected 1 for --workers with ${name} but received "${words.workers}"; ` +
        "only ferret has several workers",
    );
  return orderTimeline(name, stageCount, itemCount, times);
}

/** Cells of a drawing, at most. */
const mostCells = 1e6;

/** Refuses what no terminal could show. */
function expectDrawable(stages: number, items: number, times: ActionTimes): void {
  const all = Object.values(times) as number[];
  const ticks = all.reduce((sum, time) => sum + time, 0) / Math.min(...all);
  const cells = stages * (items + stages) * ticks;
  if (cells > mostCells)
    throw new InputError(
      `Expected a schedule of at most ${mostCells} cells but received about ` +
        `${cells.toPrecision(2)}; ask for fewer --stages or --microbatches, or for times that ` +
        "are closer together",
    );
}

function deviceRow(timeline: Timeline, { stage }: TimedAction) {
  const row = timeline.deviceOf(stage);
  return { row, name: `device ${row}` };
}

/** One row per device. */
function draw({ actions, deviceOf }: Timeline, tick: number): string {
  return renderDevices(actions, tick, deviceOf);
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
  return fitColumns([header, ...rows]);
}

function told({ actions, itemCount, ...timeline }: Timeline, idle: number): string {
  const makespan = Math.max(...actions.map(({ end }) => end));
  return (
    `${timeline.stageCount} stages on ${timeline.deviceCount} devices, ${itemCount} ` +
    `micro-batches: ${makespan} time units, of which a device is idle for at most ${idle} ` +
    `(${((100 * idle) / makespan).toFixed(0)} %)`
  );
}
