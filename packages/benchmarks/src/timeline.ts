import {
  type ActionTimes,
  createOrder,
  type FixedOrder,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import { countStages, layOut, type StageCounts } from "@ferret-ocl/pipeline/engine";

/** A schedule laid out in time, whatever it comes from. */
export interface Timeline
  extends Pick<FixedOrder, "name" | "stageCount" | "deviceCount" | "deviceOf"> {
  readonly itemCount: number;
  /** All of worker 0; further workers' stages are counted on behind its own. */
  readonly actions: readonly TimedAction[];
  /** By stage of the model. */
  readonly counts: readonly StageCounts[];
}

/** A schedule that is fixed beforehand. */
export function orderTimeline(
  name: string,
  devices: number,
  itemCount: number,
  times: ActionTimes,
): Timeline {
  const order = createOrder(name, devices, itemCount);
  const { stageCount, deviceCount, deviceOf } = order;
  const actions = layOut(order, times);
  return {
    name,
    stageCount,
    deviceCount,
    deviceOf,
    itemCount,
    actions,
    counts: countStages(order),
  };
}
