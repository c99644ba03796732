import { formatBytes } from "@ferret-ocl/planner";
import { describePlan, type HttpServer, type Service } from "@ferret-ocl/server";

/** For machines. */
export function describe(service: Service, { url, port }: HttpServer, state: string | undefined) {
  const { items } = service.learner.metrics();
  return { url, port, ...describePlan(service), state: state ?? null, items };
}

/** For people. */
export function describeInWords(
  { learner, waiting, memoryBudget }: Service,
  { url }: HttpServer,
): string {
  const { stageCount, workerCount, memory } = learner.plan;
  const total = formatBytes(memory.total + waiting.plannedBytes);
  const budget = memoryBudget === null ? "without a budget" : `of ${formatBytes(memoryBudget)}`;
  return (
    `listening on ${url}\n` +
    `memory: ${total} ${budget} (${counted(stageCount, "stage")}, ${counted(workerCount, "worker")}; ` +
    `${formatBytes(waiting.plannedBytes)} for ${waiting.room} samples that wait for labels)`
  );
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

export function tellState(
  { learner }: Service,
  state: string | undefined,
  isSaved: boolean,
): string {
  if (state === undefined) return "state: none is kept; name a folder with --state";
  const from = isSaved ? `going on from item ${learner.metrics().items}` : "a new learner";
  return `state: ${state} (${from})`;
}
