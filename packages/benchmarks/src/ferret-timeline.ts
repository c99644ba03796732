import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import {
  type ActionTimes,
  parseModel,
  profileModel,
  type Runtime,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import { createVirtualLearner, Ledger } from "@ferret-ocl/pipeline/engine";
import { type Profile, plainWorkers, plan } from "@ferret-ocl/planner";
import type { Timeline } from "./timeline.js";

export interface FerretTimelineOptions {
  readonly runtime: Runtime;
  readonly stageCount: number;
  readonly workerCount: number;
  readonly itemCount: number;
  /** Of every stage. */
  readonly times: ActionTimes;
}

/**
 * Ferret has no order that is fixed beforehand, so its timeline is that of a run: a chain of small
 * layers, one a stage, on a stream as fast as the workers can take it, without techniques that
 * save memory. Weight versions and staleness are what the run counted.
 */
export function ferretTimeline(options: FerretTimelineOptions): Timeline {
  const { runtime, stageCount, workerCount, itemCount, times } = options;
  const batch = 1;
  const units = 2;
  const model = parseModel({
    class_name: "Sequential",
    config: {
      layers: Array.from({ length: stageCount }, (_, stage) => ({
        class_name: "Dense",
        config: { units, ...(stage === 0 ? { batch_input_shape: [null, units] } : {}) },
      })),
    },
  });
  const backwardTime = times.backward + times.weight;
  const measured = profileModel({ model, runtime, batch, timing: "model" });
  const profile: Profile = {
    ...measured,
    layers: measured.layers.map((layer) => ({
      ...layer,
      forwardTime: times.forward,
      backwardTime,
    })),
    sequentialTime: stageCount * (times.forward + backwardTime),
  };
  const planned = plan({
    profile,
    arrivalInterval: (times.forward + backwardTime) / workerCount,
    memoryBudget: null,
    partition: Array.from({ length: stageCount }, (_, stage) => stage),
    workers: plainWorkers(stageCount, workerCount),
  });
  const shape = { batch, inputLength: units, classes: units, parameterCount: model.parameterCount };
  const actions: TimedAction[] = [];
  const learner = createVirtualLearner({
    model,
    profile,
    plan: planned,
    runtime,
    ledger: new Ledger(null),
    algorithm: createAlgorithm("vanilla", shape, { seed: 0 }),
    compensator: createCompensator("none"),
    kernels: referenceKernels,
    learningRate: 0.01,
    seed: 0,
    onAction: (action) => actions.push(action),
  });
  const item = { x: new Float32Array(units), labels: new Int32Array(batch), size: batch };
  for (let k = 0; k < itemCount; k++) learner.observe(item);
  learner.finish();
  const { versions, staleness } = learner.metrics();
  learner.dispose();
  const counts = versions.map(({ mostHeld }, stage) => {
    const activations = mostInFlight(actions.filter((action) => action.stage === stage));
    return {
      stage,
      weightVersions: mostHeld,
      activations,
      weightActivations: 0,
      held: activations,
      staleness: staleness[stage] as number[],
    };
  });
  return {
    name: "ferret",
    stageCount,
    deviceCount: workerCount * stageCount,
    deviceOf: (stage) => stage,
    itemCount,
    actions: actions.map((action) => ({
      ...action,
      worker: 0,
      stage: action.worker * stageCount + action.stage,
    })),
    counts,
  };
}

/** The most items between the start of their F and the end of their B at one stage. */
function mostInFlight(actions: readonly TimedAction[]): number {
  const changes = actions
    .flatMap(({ kind, start, end }) => {
      if (kind === "F") return [{ time: start, change: 1 }];
      return kind === "B" ? [{ time: end, change: -1 }] : [];
    })
    .sort((a, b) => a.time - b.time || a.change - b.change);
  let inFlight = 0;
  let most = 0;
  for (const { change } of changes) {
    inFlight += change;
    most = Math.max(most, inFlight);
  }
  return most;
}
