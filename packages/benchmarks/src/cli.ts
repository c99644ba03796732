#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { expectEffect, lineOf } from "./commands/applies.js";
import { defineDatasets } from "./commands/datasets.js";
import { defineDemo } from "./commands/demo.js";
import { defineExperiment } from "./commands/experiment.js";
import { announce, watchOutput } from "./commands/output.js";
import { definePlan } from "./commands/plan.js";
import { defineProfile } from "./commands/profile.js";
import { defineReport } from "./commands/report.js";
import { defineRun } from "./commands/run.js";
import { defineSchedule } from "./commands/schedule.js";
import { defineServe } from "./commands/serve.js";
import { defineSuite } from "./commands/suite.js";
import { tell } from "./commands/troubles.js";
import { describeUsage } from "./commands/usage.js";

const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
const { version } = JSON.parse(manifest) as { version: string };

const program = new Command("ferret")
  .description("online continual learning on high-frequency streams inside a memory budget")
  .version(version, "-V, --version", "print the version of this program")
  // What it refuses is reported by `report`, in one line.
  .configureOutput({ outputError: () => {} })
  .exitOverride();
program.hook("preAction", (_, command) => expectEffect(lineOf(command)));
// Subcommands inherit these settings, so they are defined afterwards.
defineDemo(program);
defineProfile(program);
definePlan(program);
defineRun(program);
defineReport(program);
defineSchedule(program);
defineExperiment(program);
defineSuite(program);
defineDatasets(program);
defineServe(program);

watchOutput();
try {
  await program.parseAsync();
} catch (error) {
  report(error);
}

/** The command that was asked for, such as `ferret experiment pressure`, as far as there is one. */
function named(): string {
  const names = [program.name()];
  let at: Command | undefined = program;
  for (const word of process.argv.slice(2)) {
    at = at.commands.find((each) => each.name() === word);
    if (!at) break;
    names.push(word);
  }
  return names.join(" ");
}

/** One line for what the user can fix (exit code 2), the stack for what only we can (1). */
function report(error: unknown): void {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return;
    // A bare `ferret` has got its help already.
    if (error.code !== "commander.help") announce([describeUsage(error, named())]);
    process.exitCode = 2;
    return;
  }
  tell(error);
}
