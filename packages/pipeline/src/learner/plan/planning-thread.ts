// Makes one plan while the thread that wants it does other things.
import { parentPort, workerData } from "node:worker_threads";
import type { BudgetedPlan } from "@ferret-ocl/planner";
import { describeFailure, type ThreadFailure } from "../../clock/threads/thread-failure.js";
import { carryOut, type PlanOrder } from "./plan-order.js";

/** What it answers. */
export type PlanningMessage =
  | { readonly planned: BudgetedPlan }
  | { readonly failure: ThreadFailure };

const tell = (message: PlanningMessage) => parentPort?.postMessage(message);
try {
  tell({ planned: carryOut(workerData as PlanOrder) });
} catch (error) {
  tell({ failure: describeFailure(error) });
}
