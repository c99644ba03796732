import { checkCommon, checkSchedulePlan } from "../../check-options.js";
import { scheduleWorker } from "../../course/schedule-slots.js";
import { EndlessOrder } from "../../schedule/endless.js";
import { LearnerOnThreads, startOnThreads } from "./learner-on-threads.js";
import type {
  ThreadsScheduledLearner,
  ThreadsScheduledLearnerOptions,
} from "./threads-contract.js";

/**
 * Starts a learner on worker threads that trains with one of the compared schedules, as
 * `createScheduledLearner` does on the virtual clock. Any thread serves any device, and each device
 * keeps its order.
 *
 * @throws InputError if the plan's buffers do not fit the ledger's budget, a part cannot be
 *   created, or an option is out of range.
 */
export async function startThreadsScheduledLearner(
  options: ThreadsScheduledLearnerOptions,
): Promise<ThreadsScheduledLearner> {
  checkCommon(options);
  checkSchedulePlan(options.plan, options.model);
  const { schedule, deviceCount, microbatchCount, partition } = options.plan;
  const endless = new EndlessOrder(schedule, deviceCount, microbatchCount, partition.length);
  const workers = [scheduleWorker(endless)];
  const course = { kind: "fixed-order", schedule, deviceCount, microbatchCount } as const;
  return new Scheduled(options, await startOnThreads(options, { partition, workers, course }));
}

class Scheduled extends LearnerOnThreads implements ThreadsScheduledLearner {
  activations(): number[] {
    return this.executor.buffers.saved.map((pool) => pool.mostHeld);
  }
}
