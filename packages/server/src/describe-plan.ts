import type { Service } from "./service.js";

/** The plan in force; of its memory, samples that wait for labels are a category. */
export function describePlan({ learner, waiting, memoryBudget }: Service) {
  const { stageCount, workerCount, memory, arrivalInterval } = learner.plan;
  return {
    memoryBudget,
    arrivalInterval,
    stageCount,
    workerCount,
    memory: {
      total: memory.total + waiting.plannedBytes,
      byCategory: { ...memory.byCategory, waiting: waiting.plannedBytes },
    },
  };
}
