import type { WorkerConfiguration } from "@ferret-ocl/planner";
import type { Model } from "../../model/spec.js";
import type { RuntimeChoice } from "../../runtime/load.js";
import { EndlessOrder } from "../../schedule/endless.js";
import type { PartReference } from "./part-reference.js";

/** All that a thread must be told to take part in a run; survives a structured clone. */
export interface RunDescription {
  readonly model: Model;
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** Most items in flight at each stage, over all workers; where left out, as 1F1B lets each. */
  readonly inFlight?: readonly number[] | undefined;
  /** The fixed schedule that is played; null: Ferret's own. */
  readonly order: OrderDescription | null;
  /** Samples of an item as it arrives. */
  readonly batch: number;
  readonly learningRate: number;
  /** The model's parameters. */
  readonly parameters: Float32Array;
  readonly runtime: RuntimeChoice;
  /** Called with the shape (as ocl-algorithms has it) and `algorithmOptions`. */
  readonly algorithm: PartReference;
  /** Plain settings; `allocate` comes on top. */
  readonly algorithmOptions: Readonly<Record<string, unknown>>;
  /** Called with vector kernels. */
  readonly compensator: PartReference;
  /** Called with vector kernels; undefined: plain descent. */
  readonly optimizer: PartReference | undefined;
  readonly threadCount: number;
  /** Turns that a thread spins before it sleeps. */
  readonly spins: number;
  /** Items that may wait for their prediction. */
  readonly arrivalSlots: number;
  /** Items whose actions are recorded. */
  readonly tracedItems: number;
}

/** Of what an `EndlessOrder` is made. */
interface OrderDescription {
  readonly schedule: string;
  readonly deviceCount: number;
  readonly microbatchCount: number;
}

/** The fixed order of a run, which cannot travel between threads itself; null of Ferret's. */
export function orderOf({
  order,
  partition,
}: Pick<RunDescription, "order" | "partition">): EndlessOrder | null {
  if (!order) return null;
  const { schedule, deviceCount, microbatchCount } = order;
  return new EndlessOrder(schedule, deviceCount, microbatchCount, partition.length);
}
