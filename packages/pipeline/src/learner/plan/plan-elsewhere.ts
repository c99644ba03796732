import { Worker } from "node:worker_threads";
import type { BudgetedPlan } from "@ferret-ocl/planner";
import { threadArguments } from "../../clock/threads/thread-arguments.js";
import { revive } from "../../clock/threads/thread-failure.js";
import type { PlanOrder } from "./plan-order.js";
import type { PlanningMessage } from "./planning-thread.js";

/**
 * Plans in a thread of its own: a search takes from milliseconds to a second, in which the caller's
 * event loop would stand still.
 * @param signal ends the search; the promise is rejected then.
 * @throws InputError where no plan fits.
 */
export function planElsewhere(order: PlanOrder, signal: AbortSignal): Promise<BudgetedPlan> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./planning-thread.js", import.meta.url), {
      workerData: order,
      execArgv: threadArguments(),
    });
    const stop = () => void worker.terminate();
    signal.addEventListener("abort", stop, { once: true });
    worker.once("message", (message: PlanningMessage) => {
      if ("failure" in message) reject(revive(message.failure));
      else resolve(message.planned);
    });
    worker.once("error", reject);
    worker.once("exit", (code) => {
      // A learner may change its plan all its life, and must not hold every thread that planned.
      signal.removeEventListener("abort", stop);
      reject(new Error(`the planning ended with exit code ${code}`));
    });
  });
}
