import type { Model } from "@ferret-ocl/pipeline";
import { type LiveSnapshot, look } from "@ferret-ocl/server";
import type { PrequentialAccuracy } from "./metrics/prequential.js";
import type { RunSetting } from "./setting.js";
import type { Assembly } from "./wire.js";

/** What is looked at. */
interface Looked {
  readonly model: Model;
  readonly accuracy: PrequentialAccuracy;
  readonly assembly: Assembly;
}

/**
 * What the live page shows of a run now.
 * @param isRead whether anybody does: only then is it noted what its stages do.
 */
export function lookAtRun(
  setting: RunSetting,
  { model, accuracy, assembly }: Looked,
  isRead: boolean,
): LiveSnapshot {
  const { learner, algorithm, compensation } = assembly;
  const plan = learner.plan?.();
  if (!plan) throw new Error("Expected a learner with a plan but it has none");
  const metrics = learner.metrics();
  const { oacc, windowed } = accuracy;
  return look({
    title: `${setting.dataset}, ${model.name}, ${algorithm}, ${compensation}`,
    model,
    plan,
    metrics,
    memoryBudget: plan.memoryBudget,
    arrivalInterval: plan.arrivalInterval,
    replans: learner.switches?.().length ?? 0,
    recent: isRead ? learner.recentActions() : null,
    score:
      metrics.items === 0
        ? null
        : { name: "accuracy", recent: windowed / 100, all: oacc / 100, isShare: true },
  });
}
