import { type Slots, slots, type WorkerConfiguration } from "@ferret-ocl/planner";
import type { Cells } from "../memory/cells.js";
import type { Memory } from "../memory/memory.js";
import { Pool } from "../memory/pool.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { Stage } from "../model/stage.js";
import type { StageProgram } from "../runtime/contract.js";
import { Flight } from "./flight.js";
import { inputSlotBytes } from "./reference-batch.js";

/** What the loss of a batch needs besides its logits. */
interface LabelSlot {
  readonly labels: Int32Array;
  readonly targets: Float32Array;
}

/** What items hold on their way, whatever worker they are with; arrays by stage. */
interface ItemBuffers {
  readonly inputs: Pool<Float32Array>;
  readonly labels: Pool<LabelSlot>;
  readonly boundaries: readonly Pool<Float32Array>[];
  /** Empty where all workers recompute their activations. */
  readonly saved: readonly Pool<Uint8Array>[];
  /** Empty where the schedule does a backward pass in one. */
  readonly pending: readonly Pool<Uint8Array>[];
}

/** What one executor works in; no two of them share it. */
export interface WorkingSpace {
  /** By stage: views of one buffer, for the gradient of the backward pass that runs now. */
  readonly gradients: readonly Float32Array[];
  /** For a backward pass that recomputes its activations; null where no worker does. */
  readonly recomputed: Uint8Array | null;
  readonly scratch: Uint8Array;
  /** Two buffers between which a prediction alternates. */
  readonly predictions: readonly [Float32Array, Float32Array];
}

/** Everything a run works in, allocated once at its start from one ledger. */
export interface Buffers extends ItemBuffers {
  readonly slots: Slots;
  /** By worker. */
  readonly flights: readonly Pool<Flight>[];
  /** By stage: one vector per version slot. */
  readonly versions: readonly (readonly Float32Array[])[];
  /** By stage: gathers gradients between updates (T2); null where every gradient is applied at once. */
  readonly accumulators: readonly (Float32Array | null)[];
  /** By executor. */
  readonly working: readonly WorkingSpace[];
}

export interface BufferRequest {
  readonly model: Model;
  /** The whole model's; the first version of every stage lies in it. */
  readonly parameters: Float32Array;
  readonly stages: readonly Stage[];
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** Samples of an item as it arrives. */
  readonly itemBatch: number;
  /** Programs compiled for the largest batch that is learned, by stage. */
  readonly programs: readonly StageProgram[];
  readonly scratchBytes: number;
  /** Values per sample that the algorithm's loss needs, besides its label if it has one. */
  readonly targetLength: number;
  readonly hasLabels: boolean;
  /** The most samples that `regulariseWhole` reads besides those that are learned; default 0. */
  readonly referenceBatch?: number | undefined;
  /**
   * The most items in flight at each stage, over all workers; default: as 1F1B allows each worker.
   */
  readonly inFlight?: readonly number[] | undefined;
  /** Default: what Ferret's pipeline needs for the partition, workers and that limit. */
  readonly slots?: Slots | undefined;
  /** Batches that may wait for each worker: 1 for a pipeline, 0 for a sequential learner. */
  readonly queueLength: 0 | 1;
  /** Executors that work at the same time: threads, 1 for the virtual clock. */
  readonly executorCount: number;
}

/** Allocates the slots that the planner counts, in the sizes that the programs require. */
export function allocateBuffers(request: BufferRequest, memory: Memory, cells: Cells): Buffers {
  const { stages, workers, queueLength } = request;
  const counts = request.slots ?? slots(request.partition, workers, request.inFlight);
  let offset = 0;
  return {
    slots: counts,
    versions: stages.map(({ parameterCount }, index) => {
      const first = request.parameters.subarray(offset, offset + parameterCount);
      offset += parameterCount;
      const more = { length: (counts.versions[index] as number) - 1 };
      return [first, ...Array.from(more, () => memory.floats("versions", parameterCount))];
    }),
    accumulators: stages.map((stage, index) =>
      counts.accumulators[index] ? memory.floats("accumulators", stage.parameterCount) : null,
    ),
    working: Array.from({ length: request.executorCount }, () =>
      allocateWorkingSpace(request, memory),
    ),
    ...itemBuffers(request, counts, memory, cells),
    flights: workers.map((_, worker) => {
      // One in flight may wait for its weight gradients long after it has left stage 0.
      const waiting = Math.max(0, ...(counts.pending ?? [0]));
      const count = (counts.labels[worker] as number) + waiting + queueLength;
      return new Pool(count, cells, (slot) => new Flight(worker, slot, stages.length, cells));
    }),
  };
}

function itemBuffers(
  request: BufferRequest,
  counts: Slots,
  memory: Memory,
  cells: Cells,
): ItemBuffers {
  const { model, stages, workers, programs } = request;
  const learnBatch = programs[0]?.batch ?? request.itemBatch;
  const inputLength = elementCount(model.inputShape);
  const { referenceBatch = 0 } = request;
  const slotBytes = inputSlotBytes(model, { learnBatch, referenceBatch });
  // Of each worker one more than the pipeline fills: the batch that waits for stage 0.
  const waiting = workers.length * request.queueLength;
  const labels = counts.labels.reduce((sum, count) => sum + count, 0);
  const categoryOf = (index: number, count: number) => (index < count ? "boundaries" : "queue");
  return {
    inputs: new Pool(counts.inputs + waiting, cells, (index) => {
      const buffer = memory.allocate(categoryOf(index, counts.inputs), slotBytes);
      return new Float32Array(buffer, 0, learnBatch * inputLength);
    }),
    labels: new Pool(labels + waiting, cells, (index) =>
      labelSlot(request, learnBatch, memory, categoryOf(index, labels)),
    ),
    boundaries: stages.map(
      (stage, at) =>
        new Pool(counts.boundaries[at] as number, cells, () =>
          memory.floats("boundaries", learnBatch * elementCount(stage.outputShape)),
        ),
    ),
    saved: stages.map(
      (_, at) =>
        new Pool(counts.saved[at] as number, cells, () =>
          memory.bytes("activations", programs[at]?.savedBytes as number),
        ),
    ),
    pending: stages.map(
      (_, at) =>
        new Pool(counts.pending?.[at] ?? 0, cells, () =>
          memory.bytes("activations", programs[at]?.pendingBytes as number),
        ),
    ),
  };
}

function labelSlot(
  { targetLength, hasLabels }: BufferRequest,
  learnBatch: number,
  memory: Memory,
  category: "boundaries" | "queue",
): LabelSlot {
  const labels = hasLabels ? learnBatch : 0;
  const buffer = memory.allocate(category, 4 * (labels + learnBatch * targetLength));
  return {
    labels: new Int32Array(buffer, 0, labels),
    targets: new Float32Array(buffer, 4 * labels, learnBatch * targetLength),
  };
}

function allocateWorkingSpace(request: BufferRequest, memory: Memory): WorkingSpace {
  const { stages, workers, programs, itemBatch } = request;
  const most = (values: readonly number[]) => Math.max(...values);
  const gradient = memory.allocate(
    "accumulators",
    4 * most(stages.map((stage) => stage.parameterCount)),
  );
  const predictionLength = itemBatch * most(stages.map((stage) => elementCount(stage.outputShape)));
  return {
    gradients: stages.map((stage) => new Float32Array(gradient, 0, stage.parameterCount)),
    recomputed: workers.some((worker) => worker.recompute)
      ? memory.bytes("activations", most(programs.map((program) => program.savedBytes)))
      : null,
    scratch: memory.bytes("scratch", request.scratchBytes),
    predictions: [
      memory.floats("scratch", predictionLength),
      memory.floats("scratch", predictionLength),
    ],
  };
}

/** What is in the slot that a flight holds at a stage. */
export function held<T>(pools: readonly Pool<T>[], slots: Int32Array, stage: number): T {
  return (pools[stage] as Pool<T>).at(slots[stage] as number);
}
