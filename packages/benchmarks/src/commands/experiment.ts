import type { Command } from "commander";
import { defineCompensation } from "./experiment-compensation.js";
import { defineForgetting } from "./experiment-forgetting.js";
import { definePressure } from "./experiment-pressure.js";

/** `ferret experiment`: what takes many runs, one subcommand an experiment. */
export function defineExperiment(program: Command): void {
  const experiment = program
    .command("experiment")
    .description("run an experiment of many runs: compensation, forgetting, pressure");
  defineCompensation(experiment);
  defineForgetting(experiment);
  definePressure(experiment);
}
