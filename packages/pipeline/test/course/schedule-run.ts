import { createCompensator } from "@ferret-ocl/compensation";
import type { Profile } from "@ferret-ocl/planner";
import fc from "fast-check";
import { createScheduledLearner, Ledger, loadRuntime } from "../../src/engine.js";
import {
  createOrder,
  orderNames,
  parseModel,
  planSchedule,
  profileModel,
  type TimedAction,
} from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { runtime, runtimeChoice } from "../perceptron.js";

const batch = 2;
const classes = 3;
export const learningRate = 0.1;
/** Those that threads load with the runtime. */
const { kernels } = await loadRuntime(runtimeChoice);
const algorithm = createCrossEntropy("learn", { batch, classes });

export interface Setup {
  readonly schedule: string;
  readonly deviceCount: number;
  readonly microbatchCount: number;
  /** Layers beyond the stages that the schedule asks for; below 0 the schedule gets fewer. */
  readonly moreLayers: number;
  readonly width: number;
  /** Milliseconds of a layer's forward pass, taken in turn. */
  readonly times: readonly number[];
  readonly arrivalInterval: number;
  readonly itemCount: number;
  /** After how many items `finish` is called a first time, if at all. */
  readonly pauseAfter?: number;
}

/** Any schedule on any number of devices, for a perceptron that is deep enough. */
export const setups: fc.Arbitrary<Setup> = fc.record({
  schedule: fc.constantFrom(...orderNames),
  deviceCount: fc.integer({ min: 1, max: 4 }),
  microbatchCount: fc.integer({ min: 1, max: 6 }),
  moreLayers: fc.integer({ min: -3, max: 2 }),
  width: fc.integer({ min: 2, max: 5 }),
  times: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }),
  arrivalInterval: fc.constantFrom(0.5, 1, 3, 7, 20, 100),
  itemCount: fc.integer({ min: 1, max: 60 }),
});

/** Items so fast that every device always has something to do. */
export const saturated = (setup: Setup): Setup => ({
  ...setup,
  arrivalInterval: 0.5,
  itemCount: 400,
});

/** What a setup asks for: the order, a model for it with its durations, and items to learn. */
export function prepare(setup: Setup) {
  const { schedule, deviceCount, microbatchCount, width, itemCount } = setup;
  const asked = createOrder(schedule, deviceCount, microbatchCount).stageCount;
  // Only Hanayo does with fewer stages than it asks for.
  const fewest = schedule.startsWith("hanayo") ? 1 : asked;
  const layerCount = Math.max(fewest, asked + setup.moreLayers);
  const order = createOrder(schedule, deviceCount, microbatchCount, layerCount);
  const layers = Array.from({ length: layerCount }, (_, index) => ({
    inputs: width,
    units: index === layerCount - 1 ? classes : width,
    relu: index < layerCount - 1,
  }));
  const model = parseModel({
    class_name: "Sequential",
    config: {
      layers: layers.map(({ units, relu }, index) => ({
        class_name: "Dense",
        config: {
          units,
          activation: relu ? "relu" : "linear",
          ...(index === 0 ? { batch_input_shape: [null, width] } : {}),
        },
      })),
    },
  });
  const measured = profileModel({ model, runtime, batch, timing: "model" });
  const profile: Profile = {
    ...measured,
    layers: measured.layers.map((layer, index) => {
      const time = setup.times[index % setup.times.length]!;
      return { ...layer, forwardTime: time, backwardTime: 2 * time };
    }),
  };
  let state = 5;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const items = Array.from({ length: itemCount }, () => ({
    x: Float32Array.from({ length: batch * width }, () => 2 * next() - 1),
    labels: Int32Array.from({ length: batch }, () => Math.floor(classes * next())),
    size: batch,
  }));
  return { order, layers, model, profile, items };
}

/** The items that were learned, by their numbers in the stream and as the naive trainers take them. */
export function learnedOf(
  actions: readonly TimedAction[],
  items: ReturnType<typeof prepare>["items"],
) {
  const learned = actions
    .filter(({ kind, stage }) => kind === "F" && stage === 0)
    .map(({ item }) => item);
  const naiveItems = learned.map((index) => {
    const { x, labels, size } = items[index]!;
    const width = x.length / size;
    return {
      x: Array.from({ length: size }, (_, sample) =>
        Array.from(x.subarray(sample * width, (sample + 1) * width)),
      ),
      labels: [...labels],
    };
  });
  return { learned, naiveItems };
}

/** Trains by a schedule, and gives what was done and what came of it. */
export function run(setup: Setup) {
  const { schedule, deviceCount, microbatchCount, arrivalInterval } = setup;
  const { order, layers, model, profile, items } = prepare(setup);
  const plan = planSchedule(profile, schedule, deviceCount, microbatchCount);
  const actions: TimedAction[] = [];
  const learner = createScheduledLearner({
    model,
    profile,
    plan,
    runtime,
    ledger: new Ledger(plan.memory.total),
    algorithm,
    compensator: createCompensator("none", {}, kernels),
    kernels,
    learningRate,
    seed: 7,
    arrivalInterval,
    onAction: (action) => actions.push(action),
  });
  const initial = learner.parameters();
  let learnedBefore = 0;
  items.forEach((item, index) => {
    if (index === setup.pauseAfter) {
      learner.finish();
      learnedBefore = learner.metrics().admitted;
    }
    learner.observe(item);
  });
  learner.finish();
  const [parameters, metrics] = [learner.parameters(), learner.metrics()];
  const activations = learner.activations();
  learner.dispose();
  const { learned, naiveItems } = learnedOf(actions, items);
  return {
    order,
    layers,
    plan,
    actions,
    initial,
    parameters,
    metrics,
    activations,
    learned,
    learnedBefore,
    naiveItems,
  };
}
