import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import type { Slots } from "@ferret-ocl/planner";
import { checkOptimizer } from "../../check-options.js";
import { AsynchronousCourse } from "../../course/asynchronous.js";
import { type Admitter, buildOneStage } from "../../course/build-one-stage.js";
import type { Course, CourseParts } from "../../course/contract.js";
import { ferretSchedule } from "../../course/ferret-schedule.js";
import { FixedOrderCourse } from "../../course/fixed-order.js";
import { Pipeline } from "../../course/pipeline.js";
import { scheduleSlots } from "../../course/schedule-slots.js";
import type { LearningAlgorithm } from "../../execute/algorithm.js";
import { Executor } from "../../execute/executor.js";
import { shapeOf } from "../../learner/plan/stream-shape.js";
import type { Cells } from "../../memory/cells.js";
import type { Memory } from "../../memory/memory.js";
import { ActionRing, logToBoth } from "../../metrics/action-ring.js";
import { DurationHistogram } from "../../metrics/duration-histogram.js";
import { elementCount } from "../../model/shape.js";
import type { Optimizer } from "../../optimizer/contract.js";
import { loadRuntime } from "../../runtime/load.js";
import { EndlessOrder } from "../../schedule/endless.js";
import { Arrivals } from "./arrivals.js";
import { Composing } from "./composing.js";
import { importPart } from "./import-part.js";
import { executorsOf, type RunDescription } from "./run-description.js";
import { Signal } from "./signal.js";
import { Trace } from "./trace.js";
import { createClock } from "./wall-time.js";

/** Signals to the thread that brings the items. */
interface News {
  /** There may be room for another item. */
  readonly room: Signal;
  readonly predicted: Signal;
  /** All that was taken in has been learned. */
  readonly finished: Signal;
  /** An item was predicted, or a batch learned that held the learner up. */
  readonly any: Signal;
}

/** What the threads of a run share, as one of them sees it. */
export interface Run {
  readonly executor: Executor;
  readonly course: Course;
  readonly arrivals: Arrivals;
  readonly algorithm: LearningAlgorithm;
  /** There may be work for the threads. */
  readonly work: Signal;
  /** What the bringing thread waits for; each wakes it only where it waits for just that. */
  readonly news: News;
  /** What goes to the thread that composes, where there is one. */
  readonly composing: Composing;
  readonly trace: Trace;
  /** The newest actions, where somebody asks for them. */
  readonly recent: ActionRing;
  /** Nanoseconds from an item's arrival to its last update. */
  readonly latency: DurationHistogram;
  /** 1 when the threads are to end. */
  readonly stop: Int32Array;
  /** By thread, the composing one last: code of what it does (see `taskNames`), item, stage. */
  readonly tasks: Float64Array;
  /** By thread: pieces of work done, nanoseconds of math, nanoseconds of all that goes with it. */
  readonly effort: Float64Array;
  readonly clock: () => number;
}

/** What a thread does, by code: nothing, a prediction, a composition, then by kind of action. */
export const taskNames = [
  "nothing",
  "the prediction",
  "the composition",
  "the forward pass",
  "the backward pass",
  "the weight gradient",
  "the update",
];
export const taskFields = 3;
export const effortFields = 3;

/**
 * Makes a thread's own learning algorithm. Every thread calls this with the same description, the
 * first one with new memory, the others with what it was given.
 */
export async function buildAlgorithm(
  { model, batch, algorithm, algorithmOptions, course }: RunDescription,
  memory: Memory,
): Promise<LearningAlgorithm> {
  const make = await importPart(algorithm);
  const itemsAtOnce = course.kind === "one-stage" ? course.atOnce : 1;
  return make(shapeOf(model, itemsAtOnce * batch), {
    ...algorithmOptions,
    allocate: (category: "replay" | "algorithm", bytes: number) => memory.allocate(category, bytes),
  }) as LearningAlgorithm;
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
  admitter: Admitter | null = null,
): Promise<Run> {
  const { model, partition, workers, inFlight, batch, spins, threadCount, course } = description;
  const { runtime, kernels } = await loadRuntime(description.runtime);
  const inputLength = elementCount(model.inputShape);
  const makeCompensator = await importPart(description.compensator);
  const makeOptimizer = description.optimizer && (await importPart(description.optimizer));
  const optimizer = makeOptimizer?.(kernels);
  if (makeOptimizer) checkOptimizer(optimizer);
  const clock = createClock();
  const build = courseBuilder(description, algorithm, admitter);
  const executor = new Executor({
    model,
    runtime,
    partition,
    workers,
    inFlight,
    ...(build.slots ? { slots: build.slots } : {}),
    queueLength: course.kind === "one-stage" ? 0 : 1,
    memory,
    cells,
    algorithm: build.algorithm,
    compensator: makeCompensator(kernels satisfies VectorKernels) as Compensator,
    optimizer: optimizer as Optimizer | undefined,
    kernels,
    learningRate: description.learningRate,
    batch,
    parameters: description.parameters,
    executor: { index, count: executorsOf(description).count, spins },
    clock,
  });
  const trace = new Trace(description.tracedItems, partition.length, cells);
  const recent = new ActionRing(cells);
  const latency = new DurationHistogram(cells);
  return {
    executor,
    algorithm,
    clock,
    course: build.course({ executor, log: logToBoth(trace, recent), latency }, cells),
    arrivals: new Arrivals(
      {
        capacity: description.arrivalSlots,
        batch,
        inputLength,
        classes: model.classes,
        loss: model.loss,
      },
      memory,
      cells,
    ),
    work: new Signal(cells, spins),
    news: {
      room: new Signal(cells, spins),
      predicted: new Signal(cells, spins),
      finished: new Signal(cells, spins),
      any: new Signal(cells, spins),
    },
    composing: new Composing(cells, spins),
    trace,
    recent,
    latency,
    stop: cells.ints(1),
    // One more composes.
    tasks: cells.doubles(taskFields * (threadCount + 1)),
    effort: cells.doubles(effortFields * threadCount),
  };
}

/** How a thread makes its course, and what that asks of the executor. */
interface CourseBuilder {
  readonly slots?: Slots;
  /** As the executor has it. */
  readonly algorithm: LearningAlgorithm;
  course(parts: CourseParts, cells: Cells): Course;
}

function courseBuilder(
  { course, partition, workers, batch, model }: RunDescription,
  algorithm: LearningAlgorithm,
  admitter: Admitter | null,
): CourseBuilder {
  if (course.kind === "fixed-order") {
    const { schedule, deviceCount, microbatchCount } = course;
    const endless = new EndlessOrder(schedule, deviceCount, microbatchCount, partition.length);
    return {
      slots: scheduleSlots(endless),
      algorithm,
      course: (parts, cells) => new FixedOrderCourse(endless, parts, cells),
    };
  }
  if (course.kind === "one-stage")
    return buildOneStage(admitter, { outline: course, model, batch, algorithm });
  return {
    algorithm,
    course(parts, cells) {
      const { buffers, updates } = parts.executor;
      const pipeline = new Pipeline({
        buffers,
        versions: updates.map(({ versions }) => versions),
        schedule: ferretSchedule,
        recompute: workers.map(({ recompute }) => recompute),
        cells,
      });
      return new AsynchronousCourse(pipeline, parts, cells);
    },
  };
}
