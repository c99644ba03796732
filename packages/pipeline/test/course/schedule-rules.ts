import { expect } from "vitest";
import type { FixedOrder, LearnerMetrics, SchedulePlan, TimedAction } from "../../src/index.js";
import { type NaiveItem, type NaiveLayer, replay } from "../naive-trainer.js";
import { delayedSgd } from "./delayed-sgd.js";
import { learningRate, type Setup } from "./schedule-run.js";

// What holds of a run by a fixed schedule, on whatever clock.

interface ScheduleRun {
  readonly order: FixedOrder;
  readonly layers: readonly NaiveLayer[];
  readonly plan: SchedulePlan;
  readonly actions: readonly TimedAction[];
  readonly initial: Float32Array;
  readonly parameters: Float32Array;
  readonly metrics: LearnerMetrics;
  /** Numbers in the stream of what was learned, in that order. */
  readonly learned: readonly number[];
  /** How many of them before the stream paused, if it did. */
  readonly learnedBefore?: number;
  readonly naiveItems: readonly NaiveItem[];
}

/** The version that each schedule is to use, by its paper; micro-batches and versions from 0. */
function versionOf({ schedule, deviceCount, microbatchCount }: Setup) {
  if (schedule === "pipedream")
    return (item: number, stage: number) => Math.max(item - (deviceCount - 1 - stage), 0);
  if (schedule === "pipedream-2bw")
    return (item: number) => Math.max(Math.floor(item / deviceCount) - 1, 0);
  return (item: number) => Math.floor(item / microbatchCount);
}

function expectClose(reference: readonly number[], parameters: Float32Array) {
  reference.forEach((value, index) => {
    const tolerance = 1e-4 * Math.max(1, Math.abs(value));
    expect(Math.abs(value - parameters[index]!)).toBeLessThan(tolerance);
  });
}

/** The parameters are those of gradient descent with the delay that the schedule's paper says. */
export function expectDelayedSgd(
  setup: Setup,
  { order, layers, plan, initial, parameters, naiveItems, learnedBefore = 0 }: ScheduleRun,
) {
  const settings = { learningRate, period: order.period, versionOf: versionOf(setup) };
  let reference = [...initial];
  for (const items of [naiveItems.slice(0, learnedBefore), naiveItems.slice(learnedBefore)])
    reference = delayedSgd(layers, plan.partition, items, reference, settings);
  expectClose(reference, parameters);
}

/** The parameters are those of a naive trainer that follows the trace, at most P - 1 - i stale. */
export function expectPipeDreamTrace(
  { deviceCount }: Setup,
  { layers, plan, actions, initial, parameters, learned, naiveItems, metrics }: ScheduleRun,
) {
  const stages = plan.partition.map((first, stage) => ({
    layers: layers.slice(first, plan.partition[stage + 1] ?? layers.length),
  }));
  const numbered = actions.map((action) => ({ ...action, item: learned.indexOf(action.item) }));
  const naive = replay(numbered, stages, naiveItems, [...initial], learningRate);
  expectClose(naive.parameters, parameters);
  naive.staleness.forEach((values, stage) => {
    const most = Math.max(...values);
    expect(most).toBeLessThanOrEqual(deviceCount - 1 - stage);
    expect(metrics.staleness[stage]).toEqual(
      Array.from({ length: 1 + most }, (_, value) => values.filter((v) => v === value).length),
    );
  });
}

/** Every pass of every micro-batch was done once, one at a time on a device. */
export function expectEveryPassOnce({ order, actions, learned }: ScheduleRun) {
  for (let stage = 0; stage < order.stageCount; stage++) {
    const at = (kind: string) =>
      actions.filter((action) => action.kind === kind && action.stage === stage);
    for (const kind of order.splitsBackward ? ["F", "B", "W"] : ["F", "B"])
      expect(at(kind).map(({ item }) => item)).toEqual(learned);
    expect(at("U").length).toBe(Math.floor(learned.length / order.period));
  }
  for (let device = 0; device < order.deviceCount; device++) {
    const own = actions.filter(
      ({ kind, stage }) => kind !== "U" && order.deviceOf(stage) === device,
    );
    own.slice(1).forEach(({ start }, index) => {
      expect(start).toBeGreaterThanOrEqual(own[index]!.end);
    });
  }
}
