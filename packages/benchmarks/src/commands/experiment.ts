import type { Command } from "commander";
import { defineForgetting } from "./forgetting.js";

/** `ferret experiment`: what takes many runs, one subcommand an experiment. */
export function defineExperiment(program: Command): void {
  const experiment = program
    .command("experiment")
    .description("run an experiment of many runs: forgetting");
  defineForgetting(experiment);
}
