import type { Profile } from "@ferret-ocl/planner";
import { checkCommon, checkInterval, checkMachine } from "../../check-options.js";
import type { Durations } from "../../clock/virtual/durations.js";
import { nanoseconds } from "../../clock/virtual/nanoseconds.js";
import type { VirtualRun } from "../../clock/virtual/virtual-clock.js";
import { type Admission, outlineOf } from "../../course/admission.js";
import { buildOneStage } from "../../course/build-one-stage.js";
import type { Task } from "../../course/contract.js";
import type { OneStageCourse } from "../../course/one-stage.js";
import { Executor, type ExecutorOptions } from "../../execute/executor.js";
import { allocateParameters, type InitialParameters } from "../../execute/parameters.js";
import { NewCells } from "../../memory/cells.js";
import type { Ledger } from "../../memory/ledger.js";
import type { WarningListener } from "../../metrics/alarm.js";
import type { TimedAction } from "../../schedule/action.js";
import {
  checkAdmission,
  type LearnTimes,
  oneStagePartition,
  oneStageWorkers,
} from "../plan/one-stage-plan.js";
import type { VirtualLearner } from "./learner.js";
import { type Notes, VirtualClockLearner } from "./virtual-learner.js";

export interface OneStageLearnerOptions
  extends Pick<
      ExecutorOptions,
      "model" | "runtime" | "algorithm" | "compensator" | "optimizer" | "kernels" | "learningRate"
    >,
    InitialParameters {
  /** Of the most items that are learned at once. */
  readonly profile: Profile;
  readonly admission: Admission;
  /**
   * By the number of items that are learned at once, from 1 on; drives the virtual clock. Not read
   * where every item is admitted: no time passes then.
   */
  readonly learnTimes: readonly LearnTimes[];
  /** Holds the memory budget; the algorithm's own buffers should come from it too. */
  readonly ledger: Ledger;
  /** Milliseconds between two items. */
  readonly arrivalInterval: number;
  /** Called with every action when it ends. */
  readonly onAction?: (action: TimedAction) => void;
  /** Called as `LearnerOptions` has it. */
  readonly onWarning?: WarningListener | undefined;
}

/** A learner that trains the whole model on one batch after the other. */
export type OneStageLearner = Pick<
  VirtualLearner,
  | "observe"
  | "finish"
  | "evaluate"
  | "predict"
  | "parameters"
  | "metrics"
  | "recentActions"
  | "dispose"
>;

/**
 * Sets up a learner on the virtual clock that trains the whole model at once, without a pipeline: its
 * gradients are never late, and what comes while it learns is dropped, or waits to be chosen. It is
 * what a pipeline is compared with.
 * @throws InputError where an option is missing or wrong, or the buffers do not fit the ledger's
 * budget.
 */
export function createOneStageLearner(options: OneStageLearnerOptions): OneStageLearner {
  checkCommon(options);
  checkMachine(options);
  checkInterval(options.arrivalInterval);
  checkAdmission(options.admission, options.learnTimes);
  return new VirtualClockLearner(
    options,
    (notes) => buildRun(options, notes),
    options.arrivalInterval,
  );
}

function buildRun(options: OneStageLearnerOptions, notes: Notes): VirtualRun {
  const { model, profile, ledger, admission } = options;
  const cells = new NewCells();
  const { algorithm, course: createCourse } = buildOneStage(
    { admission, memory: ledger },
    { outline: outlineOf(admission), model, batch: profile.batch, algorithm: options.algorithm },
  );
  const executor = new Executor({
    ...options,
    algorithm,
    memory: ledger,
    cells,
    parameters: allocateParameters(model, ledger, options),
    partition: oneStagePartition,
    workers: oneStageWorkers,
    queueLength: 0,
    batch: profile.batch,
  });
  const course = createCourse({ executor, ...notes }, cells);
  const durations =
    admission.kind === "every" ? instant : new OneStageDurations(options.learnTimes, course);
  return { executor, course, durations, units: null };
}

/** No time passes. */
const instant: Durations = { of: () => 0 };

/** Both passes together take whole nanoseconds of what choosing and learning take. */
class OneStageDurations implements Durations {
  readonly #times: readonly LearnTimes[];
  readonly #course: OneStageCourse;

  constructor(times: readonly LearnTimes[], course: OneStageCourse) {
    this.#times = times;
    this.#course = course;
  }

  of({ kind }: Task): number {
    const { itemsAtOnce, choosingTime } = this.#course;
    const { forward, both } = this.#times[itemsAtOnce - 1] as LearnTimes;
    const total = nanoseconds(choosingTime + both);
    const first = Math.min(total - 1, nanoseconds(choosingTime + forward));
    return kind === "F" ? first : total - first;
  }
}
