import {
  createLearner,
  type LearnerOptions,
  openLearner,
  type RegressorOptions,
} from "@ferret-ocl/pipeline";
import { hasCheckpoint, readModel } from "@ferret-ocl/pipeline/engine";
import { readBytes, readDuration } from "@ferret-ocl/planner";
import type { Attachment } from "./checkpoints.js";
import { expected } from "./errors.js";
import { readSaved } from "./saved-settings.js";
import type { ServedLearner } from "./served-learner.js";
import type { ServiceOptions } from "./service-contract.js";
import { type Budget, withoutWaiting, withWaiting } from "./waiting-budget.js";
import { type WaitingLimits, WaitingSamples } from "./waiting-samples.js";

/** What a service is made of. */
export interface Opened {
  readonly learner: ServedLearner;
  readonly waiting: WaitingSamples;
  /** As it was asked for, with samples that wait if it is a size. */
  readonly budget: Budget;
}

/** @throws InputError where an option is unknown or out of its range. */
export function checkServiceOptions(options: ServiceOptions): void {
  const { window = 1000, batchWait = 2 } = options;
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  if (unknown !== undefined)
    throw expected(`one of ${optionNames.join(", ")}`, "an option of Service.open", unknown);
  if (!Number.isInteger(window) || window < 1)
    throw expected("a whole number of at least 1", "window", window);
  if (!(batchWait >= 0 && batchWait <= 1000))
    throw expected("milliseconds from 0 to 1000", "batchWait", batchWait);
}

/** As `Service.open`, whose folder is the caller's alone. */
export async function openParts(options: ServiceOptions): Promise<Opened> {
  const { learner, state } = options;
  const isSaved = state !== undefined && hasCheckpoint(state);
  const saved = isSaved ? readSaved(state, learner) : null;
  const model =
    saved?.model ?? readModel({ ...learner, weights: undefined } as LearnerOptions).model;
  const inputLength = lengthOf(model.inputShape);
  const predictedLength = isOfValues(model) ? model.classes : 1;
  const waiting = new WaitingSamples(
    inputLength,
    predictedLength,
    readLimits(options, inputLength + predictedLength),
  );
  const before = (saved?.attachment ?? {}) as Partial<Attachment>;
  const budget = learner.memoryBudget === undefined ? before.memoryBudget : learner.memoryBudget;
  const memoryBudget = withoutWaiting(budget, waiting);
  const opened = await withWaiting(budget, waiting, () =>
    isSaved
      ? openLearner(state, { ...mayChange(learner), memoryBudget })
      : createLearner({ ...learner, model, memoryBudget } as LearnerOptions),
  );
  return { learner: opened as ServedLearner, waiting, budget };
}

export const lengthOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Whether a model is of regression. */
export const isOfValues = ({ loss }: { readonly loss?: unknown }): boolean =>
  loss === "meanSquaredError";

/** Every option, which the compiler holds to `ServiceOptions`. */
const optionNames = Object.keys({
  learner: 0,
  state: 0,
  waitingBytes: 0,
  waitingTime: 0,
  window: 0,
  batchWait: 0,
} satisfies Record<keyof ServiceOptions, 0>);

function readLimits(
  { waitingBytes, waitingTime = 600_000 }: ServiceOptions,
  rowLength: number,
): WaitingLimits {
  return {
    bytes:
      waitingBytes === undefined
        ? Math.min(2 ** 25, Math.max(2 ** 20, 16 * (4 * rowLength + 256)))
        : readBytes(waitingBytes, "waitingBytes"),
    time: readDuration(waitingTime, "waitingTime"),
  };
}

/** Of a learner's options those that may change when a checkpoint is opened. */
function mayChange(options: LearnerOptions | RegressorOptions) {
  const { arrivalInterval, clock, whenBusy, compensation, runtime, timing, objective } = options;
  const { plan, onWarning, algorithm, loss } = options;
  const isModule = typeof algorithm === "object" || /[#/]/.test(algorithm ?? "");
  const given = {
    arrivalInterval,
    clock,
    whenBusy,
    compensation,
    runtime,
    timing,
    objective,
    plan,
    onWarning,
    loss,
    algorithm: isModule ? algorithm : undefined,
  };
  return given as Parameters<typeof openLearner>[1];
}
