import type { Service } from "../service.js";
import { look } from "./look.js";
import type { LiveScore, LiveSnapshot } from "./snapshot.js";

/**
 * What the live page shows of a service now.
 * @param isRead whether anybody does: only then is it noted what its stages do.
 */
export function lookAt(service: Service, isRead: boolean): LiveSnapshot {
  const { learner, waiting } = service;
  const metrics = learner.metrics();
  return look({
    title: `${learner.model.name}, ${learner.compensation}`,
    model: learner.model,
    plan: learner.plan,
    metrics,
    memoryBudget: service.memoryBudget,
    arrivalInterval: learner.plan.arrivalInterval,
    score: scoreOf(service),
    beside: [
      {
        name: "waiting",
        planned: waiting.plannedBytes,
        held: waiting.plannedBytes,
        used: Math.round((waiting.plannedBytes * waiting.count) / waiting.room),
      },
    ],
    replans: learner.switches().length,
    recent: isRead ? learner.recentActions() : null,
  });
}

/** Of classes the accuracy, of values the first figure there is. */
function scoreOf({ scores }: Service): LiveScore | null {
  const gauges = scores.gauges();
  const name = "accuracy" in gauges ? "accuracy" : (Object.keys(gauges)[0] as string);
  const { all, recent } = gauges[name] ?? {};
  if (scores.samples.all === 0 || all === undefined || recent === undefined) return null;
  return { name: name.replaceAll("_", " "), all, recent, isShare: name === "accuracy" };
}
