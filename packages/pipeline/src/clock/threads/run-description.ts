import type { WorkerConfiguration } from "@ferret-ocl/planner";
import type { AdmissionOutline } from "../../course/admission.js";
import type { Model } from "../../model/spec.js";
import type { RuntimeChoice } from "../../runtime/load.js";
import type { PartReference } from "./part-reference.js";

/** All that a thread must be told to take part in a run; survives a structured clone. */
export interface RunDescription {
  readonly model: Model;
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** Most items in flight at each stage, over all workers; where left out, as 1F1B lets each. */
  readonly inFlight?: readonly number[] | undefined;
  readonly course: CourseDescription;
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

/** What is run: Ferret's own course, a fixed schedule, or the model as one stage. */
type CourseDescription =
  | { readonly kind: "asynchronous" }
  | ({ readonly kind: "fixed-order" } & OrderDescription)
  | ({ readonly kind: "one-stage" } & AdmissionOutline);

/** Of what an `EndlessOrder` is made, which cannot travel between threads itself. */
interface OrderDescription {
  readonly schedule: string;
  readonly deviceCount: number;
  readonly microbatchCount: number;
}

/** Which executor is whose: that of thread t is the t-th. */
export function executorsOf({
  threadCount,
  course,
}: Pick<RunDescription, "threadCount" | "course">): {
  /** How many there are, and which one's working space is used by whoever brings the items. */
  readonly count: number;
  readonly bringer: number;
} {
  // Who computes while the threads do needs working space of its own; else it is the first one's,
  // for when the threads have ended.
  const isApart = course.kind === "one-stage" && course.asksModel;
  return isApart
    ? { count: threadCount + 1, bringer: threadCount }
    : { count: threadCount, bringer: 0 };
}
