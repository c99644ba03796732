import type { LearnerMetrics, LearnerOf, RecentActions } from "@ferret-ocl/pipeline";
import { gridOf } from "./grid.js";
import type { LiveCategory, LiveScore, LiveSnapshot, LiveStage } from "./snapshot.js";

/** What a snapshot is made of. */
export interface Looked {
  readonly title: string;
  readonly model: { readonly layers: readonly { readonly name: string }[] };
  readonly plan: LearnerOf<never, never, never>["plan"];
  readonly metrics: LearnerMetrics;
  readonly memoryBudget: number | null;
  /** Milliseconds. */
  readonly arrivalInterval: number;
  readonly score: LiveScore | null;
  /** Memory beside the learner's, such as samples that wait for labels. */
  readonly beside?: readonly LiveCategory[];
  readonly warnings?: readonly string[];
  /** What `recentActions` of the learner gives; left out or null: no picture is drawn. */
  readonly recent?: RecentActions | null;
  /** Changes of plan so far; default 0. */
  readonly replans?: number;
}

/** What the live page shows of a learner now. */
export function look(looked: Looked): LiveSnapshot {
  const { title, plan, metrics, memoryBudget, arrivalInterval, score } = looked;
  const { beside = [], warnings = [], recent = null, replans = 0 } = looked;
  const { p50, p99 } = metrics.latency;
  const held: Readonly<Record<string, number>> = metrics.memoryHeld.byCategory;
  const planned = Object.entries(plan.memory.byCategory);
  return {
    at: Date.now(),
    title,
    items: metrics.items,
    dropped: metrics.dropped,
    score,
    latency: { p50, p99 },
    memory: {
      budget: memoryBudget,
      categories: [
        ...planned.map(([name, planned]) => {
          const all = held[name] ?? 0;
          return { name, planned, held: all, ...(name === "versions" && usedOf(all, metrics)) };
        }),
        ...beside,
      ],
    },
    arrivalInterval,
    workers: plan.workerCount,
    stages: stagesOf(looked),
    replans,
    grid: recent && gridOf(recent),
    warnings: [...warnings, ...warningsOf(metrics)],
  };
}

function stagesOf({ plan, model, metrics }: Looked): LiveStage[] {
  return plan.partition.map((first, stage) => {
    const end = plan.partition[stage + 1] ?? model.layers.length;
    const names = model.layers.slice(first, end).map(({ name }) => name);
    const { mostHeld = 0, slots = 0 } = metrics.versions[stage] ?? {};
    return {
      layers: names.join(", "),
      inFlight: plan.inFlight?.[stage] ?? 0,
      staleness: meanOf(metrics.staleness[stage] ?? []),
      versions: { held: mostHeld, slots },
      updates: metrics.updates[stage] ?? 0,
      refused: metrics.refusedUpdates[stage] ?? 0,
    };
  });
}

/**
 * Of the slots for weight versions those that were in use at once. The newest weights of each stage lie
 * with the parameters.
 */
function usedOf(held: number, { versions }: LearnerMetrics): { readonly used: number } {
  let [slots, used] = [0, 0];
  for (const { mostHeld, slots: there } of versions) {
    slots += there - 1;
    used += mostHeld - 1;
  }
  return { used: slots > 0 ? Math.round((held * used) / slots) : held };
}

/** @param histogram how often each whole number occurs. */
function meanOf(histogram: readonly number[]): number {
  let [sum, count] = [0, 0];
  histogram.forEach((times, value) => {
    sum += times * value;
    count += times;
  });
  return count > 0 ? sum / count : 0;
}

function warningsOf({ collapse, compensationFaults, refusedUpdates }: LearnerMetrics): string[] {
  const refused = refusedUpdates.reduce((sum, count) => sum + count, 0);
  return [
    collapse ? "The model has come to predict one class only" : "",
    compensationFaults > 0
      ? `${compensationFaults} gradients diverged; compensation was suspended after each`
      : "",
    refused > 0 ? `${refused} updates were refused, since they were not finite` : "",
  ].filter((text) => text !== "");
}
