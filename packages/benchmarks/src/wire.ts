import { createCompensator } from "@ferret-ocl/compensation";
import type { AlgorithmOptions } from "@ferret-ocl/ocl-algorithms";
import {
  arrivalSlots,
  createLearner,
  Ledger,
  type Model,
  startRealtimeLearner,
  type TimedAction,
  wholeModelBytes,
  withAlgorithm,
} from "@ferret-ocl/pipeline";
import {
  type MemoryPrediction,
  type Overheads,
  type Plan,
  type Profile,
  paperMemory,
  plan as planRun,
  predictMemory,
} from "@ferret-ocl/planner";
import { type AlgorithmChoice, loadAlgorithm } from "./algorithm.js";
import { type BudgetedPlan, planUnder } from "./budget.js";
import type { RunSetting, SettingChange } from "./config.js";
import type { PixelStatistics } from "./datasets/contract.js";
import type { StreamLearner } from "./learners/contract.js";
import { LateLabels, labelDelayBytes, withLabelDelay } from "./learners/label-delay.js";
import { createOneSkip } from "./learners/one-skip.js";
import { createOracle } from "./learners/oracle.js";
import { sequentialPartition, sequentialWorkers } from "./learners/sequential.js";
import { type VirtualLearner, virtual } from "./learners/virtual.js";
import type { Machinery } from "./machinery.js";
import { loadProfile, shapeOf } from "./prepare.js";

/** A learner that is ready to run, with what was planned for it. */
export interface Assembly {
  readonly learner: StreamLearner;
  readonly plan: Plan | null;
  /** Name of the algorithm. */
  readonly algorithm: string;
  /** Of the compensator in use. */
  readonly compensation: string;
  readonly profile: Profile;
  /** Milliseconds; where the stream is as fast as it can be taken, what the plan was made for. */
  readonly arrivalInterval: number;
  /** Bytes that the run may use; null for no limit. */
  readonly budget: number | null;
  readonly planned: MemoryPrediction;
  /** Eq. 4 of the paper, bytes. */
  readonly paperMemory: number;
}

export interface AssemblyOptions {
  readonly setting: RunSetting;
  readonly model: Model;
  /** Layer by layer; undefined: drawn from the seed. */
  readonly initialParameters: Float32Array | undefined;
  readonly machinery: Machinery;
  /** Where the inputs were bytes: how they were scaled. */
  readonly pixels: PixelStatistics | undefined;
  /** Called in the order of the stream, with the samples predicted right. */
  readonly onPrediction: (correct: number) => void;
  /** Items whose actions the learner keeps. */
  readonly tracedItems: number;
}

/** Puts one run together: algorithm, profile, plan, ledger, learner. */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { setting, model, machinery } = options;
  const { runtime, kernels } = machinery;
  const { batch, method, threads } = setting;
  const realtime = setting.engine === "realtime";
  const shape = shapeOf(model, batch);
  // The first instance only says what it will need; the ledger can open when the plan is made.
  const algorithm = await loadAlgorithm(setting.algorithm);
  const algorithmOptions = optionsOf(options);
  const needs = algorithm.create(shape, algorithmOptions);
  // A sequential learner's gradients are never stale: it need not pay for their repair.
  const compensation = method === "ferret" ? setting.compensation : "none";
  const compensator = createCompensator(compensation, {}, kernels);
  const profile = withAlgorithm(loadProfile(setting, model, runtime, needs.learnBatch), needs);
  const arrivalInterval = intervalOf(setting, profile);
  const overheads: Overheads = {
    executorCount: realtime ? threads : 1,
    compensationVectors: compensator.stateVectors,
    optimiserVectors: 0,
    replayBytes: needs.memoryBytes.replay,
    algorithmBytes:
      needs.memoryBytes.algorithm +
      wholeModelBytes(model, runtime, needs.modelBatch ?? 0) +
      labelDelayBytes({ ...shape, delay: setting.labelDelay }),
    queueLength: method === "ferret" ? 1 : 0,
    arrivalSlots: realtime ? arrivalSlots(threads) : 0,
  };

  const requestAt = (interval: number) => ({
    profile,
    arrivalInterval: interval,
    overheads,
    ...(realtime ? { computeUnits: unitsForLearning(profile, threads, interval) } : {}),
  });
  const { plan, budget } =
    method === "ferret"
      ? planFor(setting, setting.memoryBudget, requestAt(arrivalInterval))
      : { plan: null, budget: null };
  const planned =
    plan?.memory ?? predictMemory(profile, sequentialPartition, sequentialWorkers, overheads);
  let now = { memoryBudget: setting.memoryBudget, arrivalInterval };
  const replanned = ({ at: _, ...change }: SettingChange): Plan => {
    now = { ...now, ...change };
    return planFor(setting, now.memoryBudget, requestAt(now.arrivalInterval)).plan;
  };
  const parts = {
    ...options,
    plan,
    profile,
    arrivalInterval,
    ledger: new Ledger(budget),
    replanned,
    algorithm,
    algorithmOptions,
  };
  const learner =
    realtime && plan ? await realtimeLearner({ ...parts, plan }) : virtualLearner(parts);
  return {
    learner,
    plan,
    algorithm: needs.name,
    compensation,
    profile,
    arrivalInterval,
    budget,
    planned,
    paperMemory: plan?.paperMemory ?? paperMemory(profile, sequentialPartition, sequentialWorkers),
  };
}

/**
 * How much faster than they do items are planned to come where time is real, to as many more
 * threads. Threads that share caches slow each other down, and predictions come first, so a stage
 * that would be busy nearly all the time, whatever the threads can do, would drop items.
 */
const wallClockHeadroom = 1.5;

/** The plan for a run: on the wall clock with headroom, but its figures are for the true pace. */
function planFor(
  { engine, arrival }: RunSetting,
  memoryBudget: RunSetting["memoryBudget"],
  request: Parameters<typeof planUnder>[1],
): BudgetedPlan {
  if (engine !== "realtime" || arrival === "max") return planUnder(memoryBudget, request);
  const { plan: faster, budget } = planUnder(memoryBudget, {
    ...request,
    arrivalInterval: request.arrivalInterval / wallClockHeadroom,
    computeUnits: (request.computeUnits ?? 1) * wallClockHeadroom,
  });
  const { partition, workers } = faster;
  return { plan: planRun({ ...request, memoryBudget: budget, partition, workers }), budget };
}

/** Milliseconds between items to plan for; without a pace, what the threads can take. */
function intervalOf({ arrival, pressure, threads }: RunSetting, profile: Profile): number {
  if (arrival === "max") return (profile.sequentialTime + predictionTime(profile)) / threads;
  return arrival ?? profile.sequentialTime / pressure;
}

/** Milliseconds that the prediction of an item takes. */
function predictionTime({ layers, batch, learnBatch }: Profile): number {
  return (batch / learnBatch) * layers.reduce((sum, layer) => sum + layer.forwardTime, 0);
}

/** Threads that predictions, which come first, leave to learning. */
function unitsForLearning(profile: Profile, threads: number, interval: number): number {
  return Math.max(threads / 100, threads - predictionTime(profile) / interval);
}

/** What an algorithm is told, beside the setting's own options. */
function optionsOf({ setting, pixels }: AssemblyOptions): AlgorithmOptions {
  const { seed, learningRate, algorithmOptions } = setting;
  return { seed, learningRate, pixels: pixels ?? false, ...algorithmOptions };
}

interface Parts extends AssemblyOptions {
  readonly plan: Plan | null;
  readonly profile: Profile;
  readonly arrivalInterval: number;
  readonly ledger: Ledger;
  readonly algorithm: AlgorithmChoice;
  readonly algorithmOptions: AlgorithmOptions;
  /** The plan after a change, on top of the changes before. */
  readonly replanned: (change: SettingChange) => Plan;
}

function virtualLearner(parts: Parts): StreamLearner {
  const { setting, model, machinery, plan, profile, arrivalInterval, ledger } = parts;
  const { runtime, kernels } = machinery;
  const { batch, seed, learningRate, method } = setting;
  const algorithm = parts.algorithm.create(shapeOf(model, batch), {
    ...parts.algorithmOptions,
    allocate: (category, bytes) => ledger.allocate(category, bytes),
  });
  const compensator = createCompensator(
    method === "ferret" ? setting.compensation : "none",
    {},
    kernels,
  );
  const { initialParameters } = parts;
  const machine = { model, runtime, ledger, kernels, algorithm, compensator };
  const common = { ...machine, learningRate, seed, initialParameters };
  if (plan) {
    const actions: TimedAction[] = [];
    const learner = createLearner({
      ...common,
      profile,
      plan,
      onAction: (action) => {
        if (action.item < parts.tracedItems) actions.push(action);
      },
    });
    return {
      ...virtual(delayed(learner, parts), parts.onPrediction, actions),
      replan: (change) => learner.replan({ plan: parts.replanned(change) }),
      switches: () => learner.switches(),
    };
  }
  const learnTime = profile.layers.reduce(
    (sum, layer) => sum + layer.forwardTime + layer.backwardTime,
    0,
  );
  const learner =
    method === "oracle"
      ? createOracle({ ...common, batch })
      : createOneSkip({ ...common, batch, arrivalInterval, learnTime });
  return virtual(delayed(learner, parts), parts.onPrediction);
}

/** The learner as it is where labels come late. */
function delayed(learner: VirtualLearner, parts: Parts): VirtualLearner {
  const late = lateLabels(parts);
  return late ? withLabelDelay(learner, late, parts.setting.method === "oracle") : learner;
}

/** Null where labels come with their items. */
function lateLabels({ setting, model, ledger }: Parts): LateLabels | null {
  const { labelDelay: delay, batch } = setting;
  return delay === 0 ? null : new LateLabels({ ...shapeOf(model, batch), delay, ledger });
}

async function realtimeLearner(parts: Parts & { readonly plan: Plan }): Promise<StreamLearner> {
  const { setting, model, machinery, plan, profile, arrivalInterval, ledger } = parts;
  const learner = await startRealtimeLearner({
    model,
    profile,
    plan,
    ledger,
    threads: setting.threads,
    runtime: machinery.choice,
    algorithm: parts.algorithm.reference,
    algorithmOptions: { ...parts.algorithmOptions },
    compensator: {
      module: import.meta.resolve("@ferret-ocl/compensation"),
      export: "createCompensator",
      arguments: [setting.compensation, {}],
    },
    learningRate: setting.learningRate,
    seed: setting.seed,
    initialParameters: parts.initialParameters,
    arrivalInterval: setting.arrival === "max" ? null : arrivalInterval,
    onPrediction: (_, correct) => parts.onPrediction(correct),
    tracedItems: parts.tracedItems,
  });
  const late = lateLabels(parts);
  return {
    async observe(item) {
      await (late ? learner.observe(item, late.labelled) : learner.observe(item));
      late?.push(item);
    },
    finish: () => learner.finish(),
    evaluate: (item) => learner.evaluate(item),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    actions: () => learner.actions(),
    replan: (change) => learner.replan({ plan: parts.replanned(change) }),
    switches: () => learner.switches(),
    metrics: () => learner.metrics(),
    realtime: () => {
      const { mostLate, effort } = learner.metrics();
      return { threads: setting.threads, mostLate, ...effort };
    },
    dispose: () => learner.dispose(),
  };
}
