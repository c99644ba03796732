import { createCompensator, referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import { noOverheads, type Profile, type WorkerConfiguration } from "@ferret-ocl/planner";
import fc from "fast-check";
import { createVirtualLearner, Ledger } from "../../src/engine.js";
import { createOptimizer, profileModel, type TimedAction } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { optimizerOptions } from "../naive-trainer.js";
import {
  batch,
  classes,
  drawItems,
  layerCount,
  learningRate,
  model,
  pipelines,
  planOf,
  runtime,
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
}: Setup) {
  const measured = profileModel({ model, runtime, batch, timing: "model" });
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
    compensationVectors: compensator.stateVectors,
    optimiserVectors: made.vectors,
  };
  const plan = planOf(profile, { partition, workers, inFlight }, overheads, arrivalInterval);
  const { memory } = plan;
  const actions: TimedAction[] = [];
  const learner = createVirtualLearner({
    model,
    profile,
    plan,
    runtime,
    ledger: new Ledger(memory.total),
    algorithm,
    compensator,
    optimizer: made,
    kernels,
    learningRate,
    seed: 4,
    unitSpeeds,
    onAction: (action) => actions.push(action),
  });
  const initial = learner.parameters();
  const items = drawItems(40, 11);
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
