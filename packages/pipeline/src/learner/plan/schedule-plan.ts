import {
  balancedPartition,
  type MemoryPrediction,
  mostStages,
  type Overheads,
  type Profile,
  parseProfile,
} from "@ferret-ocl/planner";
import { predictScheduleMemory } from "../../course/schedule-slots.js";
import { EndlessOrder } from "../../schedule/endless.js";
import { createOrder } from "../../schedule/orders.js";

/** How a compared schedule runs a model. */
export interface SchedulePlan {
  /** A name of `orderNames`. */
  readonly schedule: string;
  readonly deviceCount: number;
  /** Micro-batches of a flush; ignored by schedules that do not flush. */
  readonly microbatchCount: number;
  /** Stages that the schedule asks for: more than there are if the model has too few layers. */
  readonly wantedStages: number;
  /** First layer of every stage. */
  readonly partition: readonly number[];
  /** The device of every stage. */
  readonly devices: readonly number[];
  /** What the run will hold at its peak, bytes. */
  readonly memory: MemoryPrediction;
}

/**
 * Cuts a model for a schedule, so that the slowest stage is as fast as it can be, and predicts the
 * memory of the run to the byte.
 * @param microbatchCount default: as many as devices.
 * @throws InputError if the name is unknown, a count is not a positive integer, or the model cannot
 *   be cut into as many stages as the schedule needs.
 */
export function planSchedule(
  profile: Profile,
  schedule: string,
  deviceCount: number,
  microbatchCount: number = deviceCount,
  overheads?: Overheads,
): SchedulePlan {
  parseProfile(profile);
  const most = mostStages(profile);
  const endless = new EndlessOrder(schedule, deviceCount, microbatchCount, most);
  const partition = balancedPartition(profile, endless.order.stageCount);
  const memory = predictScheduleMemory(profile, partition, endless, overheads);
  const devices = partition.map((_, stage) => endless.order.deviceOf(stage));
  const wantedStages = createOrder(schedule, deviceCount, microbatchCount).stageCount;
  return { schedule, deviceCount, microbatchCount, wantedStages, partition, devices, memory };
}
