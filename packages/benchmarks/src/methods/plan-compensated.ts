import {
  type ChosenCompensation,
  checkOneStage,
  chooseCompensation,
  partitionFor,
} from "@ferret-ocl/pipeline/engine";
import { RunPlanner } from "../plan-run.js";
import type { Learning, MethodRequest } from "./contract.js";
import { engineOverheads } from "./on-threads.js";

/**
 * Plans a run with the compensation of its setting, or the one that the plan chooses.
 * @throws InputError of the planner where no plan fits.
 */
export function planCompensated(
  { setting, machinery, arrivalInterval }: MethodRequest,
  { needs, profile, overheads }: Learning,
): ChosenCompensation<RunPlanner> {
  const given = { ...partitionFor(needs), ...setting.given };
  if (given.partition) checkOneStage(needs, given.partition, "--partition");
  const { compensation, objective = "progress", optimizer = "sgd", memoryBudget } = setting;
  return chooseCompensation({
    compensation,
    objective,
    optimizer,
    memoryBudget,
    kernels: machinery.kernels,
    plan: (goal, compensationVectors, budget) =>
      new RunPlanner(
        { ...setting, given, memoryBudget: budget },
        profile,
        { ...engineOverheads(setting, overheads), compensationVectors },
        arrivalInterval,
        goal,
      ),
  });
}
