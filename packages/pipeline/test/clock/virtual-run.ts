import { createCompensator, referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { noOverheads, type Profile, type WorkerConfiguration } from "@ferret-ocl/planner";
import fc from "fast-check";
import {
  createVirtualLearner,
  type LearningAlgorithm,
  Ledger,
  wholeModelBytes,
  withAlgorithm,
} from "../../src/engine.js";
import { createOptimizer, profileModel, type TimedAction } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { optimizerOptions } from "../naive-trainer.js";
import {
  batch,
  classes,
  model as classifier,
  drawItems,
  layerCount,
  learningRate,
  outputs,
  pipelines,
  planOf,
  regressionModel,
  runtime,
  withTargets,
} from "../perceptron.js";

export const algorithm = createCrossEntropy("learn", { batch, classes });

export interface Setup {
  readonly partition: number[];
  readonly workers: WorkerConfiguration[];
  readonly inFlight?: number[] | undefined;
  readonly times: number[];
  readonly arrivalInterval: number;
  readonly compensation?: string;
  /** What the compensation takes of each layer's gradients; default nothing. */
  readonly repairTimes?: readonly number[];
  readonly optimizer?: string;
  readonly unitSpeeds?: number[] | undefined;
  readonly kernels?: VectorKernels;
  /** In regression: the algorithm that learns, by name; else the loss is cross entropy. */
  readonly regression?: string;
}

/** An algorithm of `ocl-algorithms` for targets, in memory of the ledger, and what it takes. */
function regressing(name: string, ledger: Ledger) {
  const { parameterCount, inputShape } = regressionModel;
  const shape = { batch, inputLength: inputShape[0]!, classes: outputs, parameterCount };
  const algorithm = createAlgorithm(
    name,
    { ...shape, loss: "meanSquaredError" },
    {
      seed: 5,
      ...regressionOptions[name],
      allocate: (category, bytes) => ledger.allocate(category, bytes),
    },
  );
  const { memoryBytes, modelBatch = 0 } = algorithm;
  return {
    algorithm,
    overheads: {
      replayBytes: memoryBytes.replay,
      algorithmBytes: memoryBytes.algorithm + wholeModelBytes(regressionModel, runtime, modelBatch),
    },
  };
}

const regressionOptions: Readonly<Record<string, object>> = {
  er: { replay: 3, capacity: 7 },
  mir: { replay: 3, capacity: 20, candidates: 6 },
  lwf: { snapshotAt: "interval", warmUp: 5, refresh: 5 },
  mas: { snapshotAt: "plateau", warmUp: 5, refresh: 5 },
};

function profileOf(
  model: typeof classifier,
  { algorithm: { learnBatch, ...rest } }: { readonly algorithm: LearningAlgorithm },
) {
  const profile = profileModel({ model, runtime, batch, learnBatch, timing: "model" });
  return withAlgorithm(profile, rest);
}

/** Learns 40 items on the virtual clock; layer times are given, backward passes take twice as long. */
export function run({
  partition,
  workers,
  inFlight,
  times,
  arrivalInterval,
  compensation = "none",
  optimizer = "sgd",
  kernels = referenceKernels,
  unitSpeeds,
  repairTimes,
  regression,
}: Setup) {
  const model = regression ? regressionModel : classifier;
  const ledger = new Ledger(null);
  const learning = regression ? regressing(regression, ledger) : { algorithm, overheads: {} };
  const measured = profileOf(model, learning);
  const profile: Profile = {
    ...measured,
    layers: measured.layers.map((layer, index) => ({
      ...layer,
      forwardTime: times[index]!,
      backwardTime: 2 * times[index]!,
      ...(repairTimes && { compensationTimes: { [compensation]: repairTimes[index]! } }),
    })),
  };
  const compensator = createCompensator(compensation, {}, kernels);
  const made = createOptimizer(optimizer, optimizerOptions[optimizer] ?? {}, kernels);
  const overheads = {
    ...noOverheads,
    ...learning.overheads,
    compensationVectors: compensator.stateVectors,
    optimiserVectors: made.vectors,
  };
  const plan = planOf(profile, { partition, workers, inFlight }, overheads, arrivalInterval);
  const { memory } = plan;
  ledger.limit(memory.total);
  const actions: TimedAction[] = [];
  const learner = createVirtualLearner({
    model,
    profile,
    plan,
    runtime,
    ledger,
    algorithm: learning.algorithm,
    compensator,
    optimizer: made,
    kernels,
    learningRate,
    seed: 4,
    unitSpeeds,
    onAction: (action) => actions.push(action),
  });
  const initial = learner.parameters();
  const drawn = drawItems(40, 11);
  const items = regression ? withTargets(drawn) : drawn;
  let correct = 0;
  for (const item of items) correct += learner.observe(item);
  const drainsFrom = actions.length;
  learner.finish();
  const result = {
    actions,
    drainsFrom,
    items,
    initial,
    correct,
    memory,
    parameters: learner.parameters(),
    metrics: learner.metrics(),
  };
  learner.dispose();
  return result;
}

export const setups: fc.Arbitrary<Setup> = fc
  .tuple(
    pipelines,
    fc.record({
      times: fc.array(fc.integer({ min: 1, max: 4 }), {
        minLength: layerCount,
        maxLength: layerCount,
      }),
      arrivalInterval: fc.integer({ min: 1, max: 12 }),
      unitSpeeds: fc.option(fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 1, maxLength: 6 }), {
        nil: undefined,
      }),
    }),
  )
  .map(([pipeline, clock]) => ({ ...pipeline, ...clock }));
