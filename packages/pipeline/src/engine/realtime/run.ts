import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import type { WorkerConfiguration } from "@ferret-ocl/planner";
import type { Cells } from "../../memory/cells.js";
import type { Memory } from "../../memory/memory.js";
import { elementCount } from "../../model/shape.js";
import type { Model } from "../../model/spec.js";
import { loadRuntime, type RuntimeChoice } from "../../runtime/load.js";
import { ferretSchedule } from "../../schedule/ferret.js";
import type { LearningAlgorithm } from "../algorithm.js";
import { Choice } from "../choice.js";
import { Executor } from "../execute.js";
import { DurationHistogram } from "../histogram.js";
import { Pipeline } from "../pipeline.js";
import { Arrivals } from "./arrivals.js";
import { createClock } from "./clock.js";
import { importPart, type PartReference } from "./part.js";
import { Signal } from "./signal.js";
import { Trace } from "./trace.js";

/** All that a thread must be told to take part in a run; survives a structured clone. */
export interface RunDescription {
  readonly model: Model;
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
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
  readonly threadCount: number;
  /** Turns that a thread spins before it sleeps. */
  readonly spins: number;
  /** Items that may wait for their prediction. */
  readonly arrivalSlots: number;
  /** Items whose actions are recorded. */
  readonly tracedItems: number;
}

/** Signals to the thread that brings the items. */
interface News {
  /** Stage 0 has taken in an item: there is room for another. */
  readonly takenIn: Signal;
  readonly predicted: Signal;
  /** An item has had its last update. */
  readonly finished: Signal;
}

/** What the threads of a run share, as one of them sees it. */
export interface Run {
  readonly executor: Executor;
  readonly pipeline: Pipeline;
  readonly choice: Choice;
  readonly arrivals: Arrivals;
  readonly algorithm: LearningAlgorithm;
  /** There may be work for the threads. */
  readonly work: Signal;
  /** What the bringing thread waits for; each wakes it only where it waits for just that. */
  readonly news: News;
  readonly trace: Trace;
  /** Nanoseconds from an item's arrival to its last update. */
  readonly latency: DurationHistogram;
  /** Items that have left the pipeline; see `counters`. */
  readonly counters: Int32Array;
  /** By thread: code of what it does (see `taskNames`), item, stage. */
  readonly tasks: Float64Array;
  /** By thread: pieces of work done, nanoseconds of math, nanoseconds of all that goes with it. */
  readonly effort: Float64Array;
  readonly clock: () => number;
}

export const counters = { finished: 0, stop: 1, failed: 2, length: 3 } as const;

/** What a thread does, by code. */
export const taskNames = ["nothing", "the prediction", "the forward pass", "the backward pass"];
export const taskFields = 3;
export const effortFields = 3;

/**
 * Makes a thread's own learning algorithm. Every thread calls this with the same description, the
 * first one with new memory, the others with what it was given.
 */
export async function buildAlgorithm(
  { model, batch, algorithm, algorithmOptions }: RunDescription,
  memory: Memory,
): Promise<LearningAlgorithm> {
  const make = await importPart(algorithm);
  return make(
    {
      batch,
      inputLength: elementCount(model.inputShape),
      classes: model.classes,
      parameterCount: model.parameterCount,
    },
    {
      ...algorithmOptions,
      allocate: (category: "replay" | "algorithm", bytes: number) =>
        memory.allocate(category, bytes),
    },
  ) as LearningAlgorithm;
}

/**
 * Builds a thread's view of a run, in the same way as `buildAlgorithm`.
 * @param index which of the executors is this thread's.
 */
export async function buildRun(
  description: RunDescription,
  index: number,
  algorithm: LearningAlgorithm,
  memory: Memory,
  cells: Cells,
): Promise<Run> {
  const { model, partition, workers, batch, spins, threadCount } = description;
  const { runtime, kernels } = await loadRuntime(description.runtime);
  const inputLength = elementCount(model.inputShape);
  const makeCompensator = await importPart(description.compensator);
  const clock = createClock();
  const executor = new Executor({
    model,
    runtime,
    partition,
    workers,
    memory,
    cells,
    algorithm,
    compensator: makeCompensator(kernels satisfies VectorKernels) as Compensator,
    kernels,
    learningRate: description.learningRate,
    batch,
    parameters: description.parameters,
    executor: { index, count: threadCount, spins },
    clock,
  });
  const pipeline = new Pipeline({
    buffers: executor.buffers,
    versions: executor.updates.map(({ versions }) => versions),
    schedule: ferretSchedule,
    recompute: workers.map(({ recompute }) => recompute),
    cells,
  });
  return {
    executor,
    algorithm,
    clock,
    pipeline,
    choice: new Choice(pipeline),
    arrivals: new Arrivals(
      { capacity: description.arrivalSlots, batch, inputLength },
      memory,
      cells,
    ),
    work: new Signal(cells, spins),
    news: {
      takenIn: new Signal(cells, spins),
      predicted: new Signal(cells, spins),
      finished: new Signal(cells, spins),
    },
    trace: new Trace(description.tracedItems, partition.length, cells),
    latency: new DurationHistogram(cells),
    counters: cells.ints(counters.length),
    tasks: cells.doubles(taskFields * threadCount),
    effort: cells.doubles(effortFields * threadCount),
  };
}
