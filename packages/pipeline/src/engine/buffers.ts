import { type Slots, slots, type WorkerConfiguration } from "@ferret-ocl/planner";
import type { Cells } from "../memory/cells.js";
import type { Memory } from "../memory/memory.js";
import { Pool } from "../memory/pool.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { Stage } from "../model/stage.js";
import type { StageProgram } from "../runtime/contract.js";
import { Flight } from "./flight.js";

/** What the loss of a batch needs beside its logits. */
interface LabelSlot {
  readonly labels: Int32Array;
  readonly targets: Float32Array;
}

/** Slots of one worker; arrays by stage. */
export interface WorkerBuffers {
  readonly inputs: Pool<Float32Array>;
  readonly labels: Pool<LabelSlot>;
  readonly boundaries: readonly Pool<Float32Array>[];
  /** Empty where the worker recomputes its activations. */
  readonly saved: readonly Pool<Uint8Array>[];
  /** Empty where the schedule does a backward pass in one. */
  readonly pending: readonly Pool<Uint8Array>[];
  readonly flights: Pool<Flight>;
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
export interface Buffers {
  readonly slots: Slots;
  readonly workers: readonly WorkerBuffers[];
  /** By stage: one vector a version slot. */
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
  /** Values a sample that the algorithm's loss needs beside its label. */
  readonly targetLength: number;
  /** Default: what Ferret's pipeline needs for the partition and workers. */
  readonly slots?: Slots | undefined;
  /** Batches that may wait for each worker: 1 for a pipeline, 0 for a sequential learner. */
  readonly queueLength: 0 | 1;
  /** Executors that work at the same time: threads, 1 for the virtual clock. */
  readonly executorCount: number;
}

/** Allocates the slots that the planner counts, in the sizes that the programs ask for. */
export function allocateBuffers(request: BufferRequest, memory: Memory, cells: Cells): Buffers {
  const { model, stages, workers, programs, queueLength } = request;
  const counts = request.slots ?? slots(request.partition, workers);
  const learnBatch = programs[0]?.batch ?? request.itemBatch;
  const inputLength = elementCount(model.inputShape);
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
    workers: workers.map((_, worker) => {
      // One more than the pipeline fills: the batch that waits for stage 0 lies there already.
      const inputs = counts.inputs[worker] as number;
      const labels = counts.labels[worker] as number;
      const pending = stages.map((_, at) => counts.pending?.[worker]?.[at] ?? 0);
      const categoryOf = (index: number, count: number) => (index < count ? "boundaries" : "queue");
      return {
        inputs: new Pool(inputs + queueLength, cells, (index) =>
          memory.floats(categoryOf(index, inputs), learnBatch * inputLength),
        ),
        labels: new Pool(labels + queueLength, cells, (index) =>
          labelSlot(request, learnBatch, memory, categoryOf(index, labels)),
        ),
        boundaries: stages.map(
          (stage, at) =>
            new Pool(counts.boundaries[worker]?.[at] as number, cells, () =>
              memory.floats("boundaries", learnBatch * elementCount(stage.outputShape)),
            ),
        ),
        saved: stages.map(
          (_, at) =>
            new Pool(counts.saved[worker]?.[at] as number, cells, () =>
              memory.bytes("activations", programs[at]?.savedBytes as number),
            ),
        ),
        pending: pending.map(
          (count, at) =>
            new Pool(count, cells, () =>
              memory.bytes("activations", programs[at]?.pendingBytes as number),
            ),
        ),
        // One in flight may wait for its weight gradients long after it has left stage 0.
        flights: new Pool(
          labels + Math.max(...pending) + queueLength,
          cells,
          (slot) => new Flight(worker, slot, stages.length, cells),
        ),
      };
    }),
  };
}

function labelSlot(
  { targetLength }: BufferRequest,
  learnBatch: number,
  memory: Memory,
  category: "boundaries" | "queue",
): LabelSlot {
  const buffer = memory.allocate(category, 4 * learnBatch * (1 + targetLength));
  return {
    labels: new Int32Array(buffer, 0, learnBatch),
    targets: new Float32Array(buffer, 4 * learnBatch, learnBatch * targetLength),
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

/** What lies in the slot that a flight holds at a stage. */
export function held<T>(pools: readonly Pool<T>[], slots: Int32Array, stage: number): T {
  return (pools[stage] as Pool<T>).at(slots[stage] as number);
}
