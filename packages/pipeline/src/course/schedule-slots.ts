import {
  type MemoryPrediction,
  type Overheads,
  type Profile,
  predictSlotMemory,
  type Slots,
  type WorkerConfiguration,
} from "@ferret-ocl/planner";
import { countStages } from "../schedule/counts.js";
import type { EndlessOrder } from "../schedule/endless.js";

/**
 * How many of each buffer a schedule needs, counted by walking through it. A stage holds a
 * micro-batch's boundary (output, then gradient) from F to B, and its activations as well; where
 * weight gradients are actions of their own, the activations until W, and what B leaves for W from
 * B to W.
 */
export function scheduleSlots({ order }: EndlessOrder): Slots {
  const counts = countStages(order);
  const held = counts.map((stage) => stage.held);
  const whole = counts.map(({ activations }) => activations);
  return {
    versions: counts.map(({ weightVersions }) => weightVersions),
    accumulators: counts.map(() => gathers(order)),
    stash: [held],
    inFlight: held,
    saved: held,
    ...(order.splitsBackward
      ? { pending: counts.map(({ weightActivations }) => weightActivations) }
      : {}),
    boundaries: whole,
    // Stage 0 has its backward pass last: until then a micro-batch is on its way.
    inputs: whole[0] as number,
    labels: [whole[0] as number],
    participation: [counts.map(() => 1)],
  };
}

/** The one pipeline of a schedule, as Ferret's are described. */
export function scheduleWorker({ order }: EndlessOrder): WorkerConfiguration {
  const each = (value: number) => new Array<number>(order.stageCount).fill(value);
  return {
    recompute: false,
    accumulate: each(gathers(order) ? Number.POSITIVE_INFINITY : 1),
    omit: each(0),
  };
}

/** Whether gradients wait for an update that the schedule names. */
function gathers({ period, delay }: EndlessOrder["order"]): boolean {
  return period > 1 || delay > 0;
}

/** The peak of the ledger, to the byte, of a run by a schedule. */
export function predictScheduleMemory(
  profile: Profile,
  partition: readonly number[],
  order: EndlessOrder,
  overheads?: Overheads,
): MemoryPrediction {
  return predictSlotMemory(profile, partition, scheduleSlots(order), overheads);
}
