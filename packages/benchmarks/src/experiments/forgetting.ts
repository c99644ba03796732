import { algorithmNames, algorithmsThatTake } from "@ferret-ocl/ocl-algorithms";
import type { Dataset } from "../datasets/contract.js";
import { InputError } from "../errors.js";
import { methodNamed } from "../methods/registry.js";
import type { AccuracyMatrix } from "../metrics/accuracy-matrix.js";
import type { ResultRecord } from "../record.js";
import { run } from "../run.js";
import type { Options, RunSetting } from "../setting.js";
import type { Stream, Task } from "../streams/contract.js";
import { createStream } from "../streams/registry.js";
import { type ExperimentOptions, keptRun, measureEvery } from "./every-case.js";
import { everyNth, testTasks } from "./task-accuracies.js";
import { TaskMatrices } from "./task-matrices.js";

/** One learner over one stream, tested on all tasks before the first and after each. */
export interface ForgettingRun {
  readonly record: ResultRecord;
  readonly tasks: readonly Pick<Task, "firstItem" | "classes">[];
  /** The class is predicted among all classes. */
  readonly overall: AccuracyMatrix;
  /** The class is predicted among those of the sample's task, as if the task were known. */
  readonly within: AccuracyMatrix;
}

type ForgettingLearner = Pick<RunSetting, "method" | "memoryBudget">;

export interface ForgettingOptions extends ExperimentOptions<ForgettingRun> {
  /** What all runs share; algorithm, method, budget and seed are replaced. */
  readonly setting: RunSetting;
  readonly algorithms: readonly string[];
  readonly learners: readonly ForgettingLearner[];
  /** Test samples that each measurement looks at. */
  readonly testSamples: number;
}

/** A sequential learner for which no time passes, and the pipeline without a memory limit. */
export const forgettingLearners: readonly ForgettingLearner[] = [
  { method: "oracle", memoryBudget: "none" },
  { method: "ferret", memoryBudget: "none" },
];

/**
 * How much of its first tasks a learner keeps: every algorithm under every learner on a
 * class-incremental stream, tested on all tasks whenever one ends. What is in flight then stays so:
 * the newest weights are tested as they are.
 */
export function measureForgetting(options: ForgettingOptions): Promise<ForgettingRun[]> {
  const { algorithms, learners } = options;
  const cases = learners.flatMap((learner) =>
    algorithms.map((algorithm) => ({ ...learner, algorithm })),
  );
  return measureEvery(options, cases, {
    name: (one) =>
      `${methodNamed(one.method).label({ ...options.setting, ...one })}, ${one.algorithm}`,
    measure: (one, seed, dataset) => {
      const algorithmOptions = takenBy(one.algorithm, options.setting.algorithmOptions);
      return measure({ ...options.setting, ...one, algorithmOptions, seed }, dataset, options);
    },
  });
}

/** The record that a folder keeps of a run: with its matrices. */
export function recordOf({ record, tasks, overall, within }: ForgettingRun): ResultRecord {
  const plain = tasks.map(({ firstItem, classes }) => ({ firstItem, classes: [...classes] }));
  return { ...record, experiment: "forgetting", forgetting: { tasks: plain, overall, within } };
}

/** The run that such a record describes. */
export function runOf({ forgetting, ...record }: ResultRecord): ForgettingRun {
  if (!forgetting) throw new Error("Expected the record of a forgetting experiment");
  return { record: { ...record, forgetting: null }, ...forgetting };
}

function measure(
  setting: RunSetting,
  dataset: Dataset,
  options: ForgettingOptions,
): Promise<ForgettingRun> {
  const { machinery, stop, testSamples } = options;
  const stream = createStream(dataset, setting);
  const tasks = tasksOf(stream);
  const ends = [...new Set([...tasks.map(({ firstItem }) => firstItem), stream.itemCount])];
  const test = everyNth(stream.present(dataset.test), testSamples);
  const experiment = ["forgetting", testSamples];
  return keptRun(options, { experiment, setting, stream }, async (checkpoint) => {
    const matrices = new TaskMatrices(tasks.length);
    const record = await run({
      setting,
      dataset,
      stream,
      machinery,
      stop,
      ...(checkpoint && { checkpoint }),
      parts: { forgetting: matrices.parts },
      onItem(done, learner, { classes }) {
        // A run that goes on where a task ended has measured it before it was saved.
        if (ends[matrices.rows] !== done) return;
        matrices.add(testTasks(learner, test, tasks, { batch: stream.batch, rowLength: classes }));
      },
    });
    return { record, tasks, overall: matrices.overall, within: matrices.within };
  });
}

/** Those of the settings that one of several algorithms takes. */
function takenBy(algorithm: string, options: Options): Options {
  const entries = Object.entries(options).filter(([name]) => {
    const takers = algorithmsThatTake(name);
    return takers.length === 0 || takers.includes(algorithm) || !algorithmNames.includes(algorithm);
  });
  return Object.fromEntries(entries);
}

function tasksOf({ tasks }: Stream): readonly Task[] {
  if (tasks) return tasks;
  throw new InputError(
    "Expected a stream of tasks, to measure what is forgotten of them, but its order has none; " +
      "choose the order split",
  );
}
