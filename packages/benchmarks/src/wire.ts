import type { AlgorithmOptions } from "@ferret-ocl/ocl-algorithms";
import { Ledger, wholeModelBytes, withAlgorithm } from "@ferret-ocl/pipeline";
import { noOverheads, type Profile } from "@ferret-ocl/planner";
import { type AlgorithmChoice, loadAlgorithm } from "./algorithm.js";
import type { PixelStatistics } from "./datasets/contract.js";
import type { StreamLearner } from "./learners/contract.js";
import { labelDelayBytes } from "./learners/label-delay.js";
import { expectRoom } from "./limits.js";
import type { Learning, MethodRequest, Prepared } from "./methods/contract.js";
import { methodNamed } from "./methods/registry.js";
import { optimizerOf } from "./optimizer.js";
import { intervalOf, predictionTime } from "./pace.js";
import { loadProfile, shapeOf } from "./prepare.js";

/** A learner that is ready to run, with what was planned for it. */
export interface Assembly extends Omit<Prepared, "start"> {
  readonly learner: StreamLearner;
  /** Name of the algorithm. */
  readonly algorithm: string;
  /** Of one item learned at a time. */
  readonly profile: Profile;
  /** Milliseconds; where the stream is as fast as it can be taken, what the plan was made for. */
  readonly arrivalInterval: number;
}

export interface AssemblyOptions extends Omit<MethodRequest, "arrivalInterval" | "learning"> {
  /** Where the inputs were bytes: how they were scaled. */
  readonly pixels: PixelStatistics | undefined;
}

/** Puts one run together: algorithm, profile, ledger, and the learner of the setting's method. */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { setting } = options;
  const choice = await loadAlgorithm(setting.algorithm);
  const learning = (itemsAtOnce: number) => learningOf(choice, itemsAtOnce, options);
  const { needs, profile } = learning(1);
  const arrivalInterval = intervalOf(setting, profile);
  const { start, ...promised } = methodNamed(setting.method).prepare({
    ...options,
    arrivalInterval,
    learning,
  });
  expectRoom(
    promised.planned.total,
    "the run",
    "ask for a smaller batch, fewer stages or less to keep, or give --memory-budget",
  );
  // The ledger opens when it is clear what the run may use.
  const learner = await start(new Ledger(promised.budget));
  return { ...promised, learner, algorithm: needs.name, profile, arrivalInterval };
}

/** Takes memory for an algorithm that only says what it needs, unless that is more than there is. */
function modest(): NonNullable<AlgorithmOptions["allocate"]> {
  let taken = 0;
  return (_, bytes) => {
    taken += bytes;
    expectRoom(taken, "what the algorithm keeps", "ask for less in --algorithm-options");
    return new ArrayBuffer(bytes);
  };
}

/** The algorithm where it is handed so many items as one, and what that costs. */
function learningOf(
  choice: AlgorithmChoice,
  itemsAtOnce: number,
  { setting, model, machinery, pixels }: AssemblyOptions,
): Learning {
  const { runtime, kernels } = machinery;
  const { seed, learningRate, algorithmOptions, batch, labelDelay } = setting;
  const shape = shapeOf(model, itemsAtOnce * batch);
  const options: AlgorithmOptions = {
    seed,
    learningRate,
    pixels: pixels ?? false,
    ...algorithmOptions,
  };
  const needs = choice.create(shape, { ...options, allocate: modest() });
  const ofOneItem =
    itemsAtOnce === 1
      ? needs
      : choice.create(shapeOf(model, batch), { ...options, allocate: modest() });
  const bare = loadProfile(setting, model, machinery, needs.learnBatch, ofOneItem.learnBatch);
  return {
    needs,
    predictionTime: predictionTime(bare),
    profile: withAlgorithm(bare, needs),
    overheads: {
      ...noOverheads,
      queueLength: 0,
      optimiserVectors: optimizerOf(setting, kernels).vectors,
      replayBytes: needs.memoryBytes.replay,
      algorithmBytes:
        needs.memoryBytes.algorithm +
        wholeModelBytes(model, runtime, needs.modelBatch ?? 0) +
        labelDelayBytes({ ...shape, batch, delay: labelDelay }),
    },
    create: (ledger) =>
      choice.create(shape, {
        ...options,
        allocate: (category, bytes) => ledger.allocate(category, bytes),
      }),
    reference: choice.reference,
    options,
  };
}
