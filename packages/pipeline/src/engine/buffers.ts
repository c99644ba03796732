import { type Slots, slots, type WorkerConfiguration } from "@ferret-ocl/planner";
import type { Ledger } from "../memory/ledger.js";
import { Pool } from "../memory/pool.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { Stage } from "../model/stage.js";
import type { StageProgram } from "../runtime/contract.js";
import type { Batch } from "./algorithm.js";
import { createFlight, type Flight } from "./flight.js";

/** Slots of one worker; arrays by stage. */
export interface WorkerBuffers {
  readonly inputs: Pool<Float32Array>;
  readonly labels: Pool<Int32Array>;
  readonly boundaries: readonly Pool<Float32Array>[];
  /** Empty where the worker recomputes its activations. */
  readonly saved: readonly Pool<Uint8Array>[];
  readonly flights: Pool<Flight>;
  /** The item that waits for stage 0. */
  readonly waiting: Batch | null;
}

/** Everything a run works in, allocated once at its start from one ledger. */
export interface Buffers {
  readonly slots: Slots;
  readonly workers: readonly WorkerBuffers[];
  /** By stage: one vector a version slot. */
  readonly versions: readonly (readonly Float32Array[])[];
  /** By stage: gathers gradients between updates (T2); null where every gradient is applied at once. */
  readonly accumulators: readonly (Float32Array | null)[];
  /** By stage: views of one buffer, for the gradient of the backward pass that runs now. */
  readonly gradients: readonly Float32Array[];
  /** Working set of a backward pass that recomputes its activations; null where no worker does. */
  readonly recomputed: Uint8Array | null;
  readonly scratch: Uint8Array;
  /** Two buffers between which a prediction alternates. */
  readonly predictions: readonly [Float32Array, Float32Array];
}

export interface BufferRequest {
  readonly model: Model;
  readonly stages: readonly Stage[];
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** Samples of an item as it arrives. */
  readonly itemBatch: number;
  /** Programs compiled for the largest batch that is learned, by stage. */
  readonly programs: readonly StageProgram[];
  readonly scratchBytes: number;
  /** Items that may wait for each worker: 1 for a pipeline, 0 for a sequential learner. */
  readonly queueLength: 0 | 1;
}

/** Allocates the slots that the planner counts, in the sizes that the programs ask for. */
export function allocateBuffers(request: BufferRequest, ledger: Ledger): Buffers {
  const { model, stages, workers, programs, itemBatch } = request;
  const counts = slots(request.partition, workers);
  const learnBatch = programs[0]?.batch ?? itemBatch;
  const inputLength = elementCount(model.inputShape);
  const most = (values: readonly number[]) => Math.max(...values);

  const gradient = ledger.allocate(
    "accumulators",
    4 * most(stages.map((stage) => stage.parameterCount)),
  );
  const predictionLength = itemBatch * most(stages.map((stage) => elementCount(stage.outputShape)));
  return {
    slots: counts,
    versions: stages.map((stage, index) =>
      Array.from({ length: counts.versions[index] as number }, (_, slot) =>
        ledger.floats(slot === 0 ? "parameters" : "versions", stage.parameterCount),
      ),
    ),
    accumulators: stages.map((stage, index) =>
      counts.accumulators[index] ? ledger.floats("accumulators", stage.parameterCount) : null,
    ),
    gradients: stages.map((stage) => new Float32Array(gradient, 0, stage.parameterCount)),
    recomputed: workers.some((worker) => worker.recompute)
      ? ledger.bytes("activations", most(programs.map((program) => program.savedBytes)))
      : null,
    scratch: ledger.bytes("scratch", request.scratchBytes),
    predictions: [
      ledger.floats("scratch", predictionLength),
      ledger.floats("scratch", predictionLength),
    ],
    workers: workers.map((_, index) => ({
      inputs: new Pool(counts.inputs[index] as number, () =>
        ledger.floats("boundaries", learnBatch * inputLength),
      ),
      labels: new Pool(
        stages.length,
        () => new Int32Array(ledger.allocate("boundaries", 4 * learnBatch)),
      ),
      boundaries: stages.map(
        (stage, at) =>
          new Pool(counts.boundaries[index]?.[at] as number, () =>
            ledger.floats("boundaries", learnBatch * elementCount(stage.outputShape)),
          ),
      ),
      saved: stages.map(
        (_, at) =>
          new Pool(counts.saved[index]?.[at] as number, () =>
            ledger.bytes("activations", programs[at]?.savedBytes as number),
          ),
      ),
      flights: new Pool(stages.length, () => createFlight(stages.length)),
      waiting:
        request.queueLength === 0
          ? null
          : {
              x: ledger.floats("queue", itemBatch * inputLength),
              labels: new Int32Array(ledger.allocate("queue", 4 * itemBatch)),
              size: itemBatch,
            },
    })),
  };
}
