import { compensationTimes, type Profile } from "@ferret-ocl/planner";
import {
  checkCommon,
  checkInterval,
  checkMachine,
  checkSchedulePlan,
} from "../../check-options.js";
import { PassDurations } from "../../clock/virtual/durations.js";
import { nanoseconds } from "../../clock/virtual/nanoseconds.js";
import type { VirtualRun } from "../../clock/virtual/virtual-clock.js";
import { FixedOrderCourse } from "../../course/fixed-order.js";
import { scheduleSlots, scheduleWorker } from "../../course/schedule-slots.js";
import { Executor, type ExecutorOptions } from "../../execute/executor.js";
import { allocateParameters, type InitialParameters } from "../../execute/parameters.js";
import { NewCells } from "../../memory/cells.js";
import type { Ledger } from "../../memory/ledger.js";
import type { WarningListener } from "../../metrics/alarm.js";
import type { TimedAction } from "../../schedule/action.js";
import { EndlessOrder } from "../../schedule/endless.js";
import type { ActionTimes } from "../../schedule/order.js";
import type { SchedulePlan } from "../plan/schedule-plan.js";
import type { VirtualLearner } from "./learner.js";
import { type Notes, VirtualClockLearner } from "./virtual-learner.js";

export interface ScheduledLearnerOptions
  extends Pick<
      ExecutorOptions,
      "model" | "runtime" | "algorithm" | "compensator" | "optimizer" | "kernels" | "learningRate"
    >,
    InitialParameters {
  /** Its times drive the virtual clock. */
  readonly profile: Profile;
  readonly plan: SchedulePlan;
  /** Holds the memory budget; the algorithm's own buffers should come from it too. */
  readonly ledger: Ledger;
  /** Milliseconds between two items. */
  readonly arrivalInterval: number;
  /** Called with every action when it ends. */
  readonly onAction?: (action: TimedAction) => void;
  /** As in `VirtualLearnerOptions`. */
  readonly onWarning?: WarningListener | undefined;
}

/** A learner that plays a fixed schedule, and the most that it held of each thing. */
export interface ScheduledLearner
  extends Pick<
    VirtualLearner,
    | "observe"
    | "finish"
    | "evaluate"
    | "predict"
    | "parameters"
    | "metrics"
    | "recentActions"
    | "dispose"
  > {
  /** By stage: the most micro-batches whose activations were held at once. */
  activations(): number[];
}

/**
 * Sets up a learner on the virtual clock that trains by one of the compared schedules, an item of
 * the stream a micro-batch. An update takes a step of the learning rate along the sum of the
 * gradients that were gathered for it, as Ferret's own accumulation (T2) does.
 * @throws InputError where the plan's buffers do not fit the ledger's budget.
 */
export function createScheduledLearner(options: ScheduledLearnerOptions): ScheduledLearner {
  checkCommon(options);
  checkMachine(options);
  checkSchedulePlan(options.plan, options.model);
  checkInterval(options.arrivalInterval);
  return new Scheduled(options);
}

class Scheduled extends VirtualClockLearner implements ScheduledLearner {
  constructor(options: ScheduledLearnerOptions) {
    super(options, (notes) => buildRun(options, notes), options.arrivalInterval);
  }

  activations(): number[] {
    return this.executor.buffers.saved.map((pool) => pool.mostHeld);
  }
}

function buildRun(options: ScheduledLearnerOptions, notes: Notes): VirtualRun {
  const { model, profile, plan, ledger } = options;
  const { schedule, deviceCount, microbatchCount, partition } = plan;
  const endless = new EndlessOrder(schedule, deviceCount, microbatchCount, partition.length);
  const cells = new NewCells();
  const executor = new Executor({
    ...options,
    memory: ledger,
    cells,
    parameters: allocateParameters(model, ledger, options),
    partition,
    workers: [scheduleWorker(endless)],
    slots: scheduleSlots(endless),
    batch: profile.batch,
  });
  const { splitsBackward } = endless.order;
  const repairTimes = compensationTimes(profile, partition, options.compensator.name);
  const times = stageTimes(profile, partition, splitsBackward).map((each, stage) => {
    const { forward, backward, weight } = executor.updates[stage]?.repairs
      ? withRepair(each, repairTimes[stage] as number)
      : each;
    return {
      forward: nanoseconds(forward),
      backward: nanoseconds(splitsBackward ? backward : backward + weight),
      weight: nanoseconds(weight),
    };
  });
  return {
    executor,
    course: new FixedOrderCourse(endless, { executor, ...notes }, cells),
    durations: new PassDurations([times]),
    units: null,
  };
}

/** A gradient is repaired in the pass that gives it. */
function withRepair(times: ActionTimes, repairTime: number): ActionTimes {
  const { backward, weight } = times;
  return weight > 0
    ? { ...times, weight: weight + repairTime }
    : { ...times, backward: backward + repairTime };
}

/**
 * Durations of every stage. Two passes backward together may take longer than one, so they have
 * times of their own. Where a profile does not tell them, as one from operation counts, the weight
 * gradient is half of the backward pass of a layer with parameters, for both halves multiply
 * equally many numbers.
 */
function stageTimes(
  { layers }: Profile,
  partition: readonly number[],
  splitsBackward: boolean,
): ActionTimes[] {
  return partition.map((start, stage) => {
    const times = { forward: 0, backward: 0, weight: 0 };
    for (const layer of layers.slice(start, partition[stage + 1] ?? layers.length)) {
      const { forwardTime, backwardTime, parameterBytes } = layer;
      times.forward += forwardTime;
      const half = parameterBytes > 0 ? backwardTime / 2 : 0;
      const { backwardInputTime = backwardTime - half, backwardWeightsTime = half } = layer;
      times.backward += splitsBackward ? backwardInputTime : backwardTime;
      times.weight += splitsBackward ? backwardWeightsTime : 0;
    }
    return times;
  });
}
