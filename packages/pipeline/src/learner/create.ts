import { isDeepStrictEqual } from "node:util";
import type { Compensator } from "@ferret-ocl/compensation";
import {
  type NamedBudget,
  type Overheads,
  type Plan,
  type Profile,
  parseProfile,
} from "@ferret-ocl/planner";
import { checkPlan } from "../check-options.js";
import { expected } from "../errors.js";
import { checkOneStage, partitionFor } from "../execute/whole-update.js";
import { Ledger } from "../memory/ledger.js";
import { isRegression } from "../model/loss.js";
import { createOptimizer } from "../optimizer/registry.js";
import { profileModel, withTimes } from "../profile.js";
import { type ChosenRuntime, chooseRuntime } from "../runtime/choose.js";
import { arrivalSlots } from "./by-hand/learner-on-threads.js";
import { classification } from "./classification.js";
import type { Learner, LearnerOptions } from "./contract.js";
import {
  chooseCompensation,
  mayCompensate,
  type PlanningGoal,
} from "./plan/choose-compensation.js";
import { type Learning, learningOf } from "./plan/learning.js";
import { loadAlgorithm } from "./plan/load-algorithm.js";
import { fastestInterval } from "./plan/pace.js";
import { pipelineCompensator, pipelineSettings } from "./plan/pipeline-compensator.js";
import type { PlannedClock } from "./plan/plan-on-clock.js";
import { carryOut, type PlanOrder } from "./plan/plan-order.js";
import type { Player } from "./player.js";
import { type ModelToLearn, readModel } from "./read-model.js";
import { recipeOf } from "./recipe.js";
import { regression } from "./regression.js";
import type { Regressor, RegressorOptions } from "./regressor.js";
import { type SavedLearner, thisMachine } from "./saved-learner.js";
import { readSettings, type Settings } from "./settings.js";
import { StreamLearner } from "./stream-learner.js";
import { threadsPlayer } from "./threads-player.js";
import { virtualPlayer } from "./virtual-player.js";

/**
 * Creates a learner for a stream, ready to predict and learn: profiles the model, plans under the
 * budget, allocates everything, and starts the threads, if it runs on threads.
 *
 * ```ts
 * const learner = await createLearner({ model: "mlp", inputShape: [54], classes: 7, memoryBudget: "8MiB" });
 * const { label } = await learner.predict(x);
 * await learner.learn(x, y);
 * await learner.dispose();
 * ```
 *
 * With `loss: "meanSquaredError"` it predicts `outputs` values of a sample rather than one of
 * `classes`:
 *
 * ```ts
 * const learner = await createLearner({
 *   model: "mlp", inputShape: [8], outputs: 1, loss: "meanSquaredError",
 * });
 * const { value } = await learner.predict(x);
 * ```
 *
 * @throws InputError if an option is unknown, missing or wrong, or no plan fits the budget.
 */
export function createLearner(options: RegressorOptions): Promise<Regressor>;
export function createLearner(options: LearnerOptions): Promise<Learner>;
export function createLearner(
  options: LearnerOptions | RegressorOptions,
): Promise<Learner | Regressor> {
  return startLearner(options, null);
}

/** As `createLearner`; of one that goes on from a checkpoint, also what is taken from there. */
export async function startLearner(
  options: LearnerOptions | RegressorOptions,
  saved: SavedLearner | null,
): Promise<Learner | Regressor> {
  const settings = readSettings(options);
  const found = readModel(options);
  const chosen = await chooseRuntime(options.runtime);
  if (chosen.notice !== null) settings.onWarning(chosen.notice);
  const algorithm = await loadAlgorithm(options.algorithm ?? "vanilla");
  const { seed, learningRate, batch } = settings;
  const optimizer = createOptimizer(...settings.optimizer, chosen.kernels);
  const algorithmSettings = { seed, learningRate, ...options.algorithmOptions };
  const objective = options.objective ?? "progress";
  const compensators = mayCompensate({
    compensation: settings.compensation,
    objective,
    optimizer: settings.optimizer[0],
  }).map((name) => pipelineCompensator(name, chosen.kernels) as Compensator<never>);
  const learning = learningOf({
    algorithm,
    settings: algorithmSettings,
    model: found.model,
    runtime: chosen.runtime,
    batch,
    optimiserVectors: optimizer.vectors,
    profileFor: (learnBatch) => {
      const own = (timing: Settings["timing"]) =>
        profileOf({ ...settings, timing }, found, chosen, learnBatch, compensators);
      const known = saved?.profileFor(own("model"), chosen.runtime.name, settings);
      return known ? own(known) : own(settings.timing);
    },
  });
  const { profile } = learning;
  const { clock } = settings;
  const fastest = fastestInterval(profile, clock.kind === "threads" ? clock.count : 1);
  const interval = settings.interval ?? fastest;
  const overheads = clockOverheads(clock, learning);
  const whole = partitionFor(learning.needs);
  const orderFor = (
    memoryBudget: number | NamedBudget,
    arrivalInterval: number,
    goal: PlanningGoal,
    compensationVectors: number,
    given: Plan | null,
  ): PlanOrder => {
    const all = { ...overheads, compensationVectors };
    const request = { ...goal, ...whole, profile, overheads: all, arrivalInterval };
    if (!given) return { clock: plannedClock(clock), memoryBudget, request };
    checkPlan(given, found.model);
    checkOneStage(learning.needs, given.partition, "plan.partition");
    const { partition, workers, inFlight } = given;
    // Its figures are those of this learner: what the algorithm and the threads take counts too.
    const parts = { partition, workers, ...(inFlight && { inFlight }) };
    return { clock: null, memoryBudget, request: { ...request, ...parts } };
  };
  const choose = (compensation: string, budget: number | NamedBudget, plan?: Plan) =>
    chooseCompensation({
      compensation,
      objective,
      optimizer: settings.optimizer[0],
      memoryBudget: budget,
      kernels: chosen.kernels,
      plan(goal, vectors, budget) {
        const made = carryOut(
          orderFor(budget, interval, goal, vectors, plan ?? options.plan ?? null),
        );
        // Its figures are those of the search that it came from.
        const isKnown = plan && isDeepStrictEqual(made.plan.memory, plan.memory);
        const first = isKnown ? { ...made, plan } : made;
        return { first, plans: [first.plan], goal, vectors };
      },
    });
  const { compensation, planned } = saved
    ? saved.choose({ settings, runtime: chosen.runtime.name, profile: learning.bare }, choose)
    : choose(settings.compensation, settings.budget);
  const { first, goal, vectors } = planned;
  const ledger = new Ledger(first.budget);
  const common = {
    model: found.model,
    profile,
    plan: first.plan,
    ledger,
    learningRate,
    seed,
    initialParameters: found.parameters,
    onWarning: settings.onWarning,
    overheads: replanOverheads(overheads),
    state: saved?.state,
  };
  const compensator = pipelineCompensator(compensation, chosen.kernels);
  let player: Player;
  if (clock.kind === "virtual") {
    const { kind: _, onAction, ...units } = clock;
    player = virtualPlayer({
      ...common,
      ...units,
      ...(onAction && { onAction }),
      runtime: chosen.runtime,
      kernels: chosen.kernels,
      algorithm: learning.create(ledger),
      compensator,
      optimizer,
    });
  } else
    player = await threadsPlayer(
      {
        ...common,
        threads: clock.count,
        runtime: chosen.choice,
        algorithm: algorithm.reference,
        algorithmOptions: algorithmSettings,
        compensator: part("@ferret-ocl/compensation", "createCompensator", [
          compensation,
          pipelineSettings(compensation),
        ]),
        stateVectors: compensator.stateVectors,
        optimizer: part("@ferret-ocl/pipeline", "createOptimizer", settings.optimizer),
        arrivalInterval: null,
        onPrediction: () => {},
      },
      settings.whenBusy,
    );
  const recipe = recipeOf(options, settings, found.model, {
    runtime: chosen.runtime.name,
    profile: learning.bare,
    compensation,
  });
  const chosenOnly = goal.compensations?.filter(({ name }) => name === compensation);
  const parts = {
    ...found,
    profile,
    compensation,
    player,
    first,
    batch,
    interval,
    fastestInterval: clock.kind === "threads" ? fastest : null,
    budget: settings.budget,
    orderFor: (budget: number | NamedBudget, arrivalInterval: number, given: Plan | undefined) =>
      orderFor(
        budget,
        arrivalInterval,
        { ...goal, ...(chosenOnly && { compensations: chosenOnly }) },
        vectors,
        given ?? null,
      ),
    // On the virtual clock a change takes no time, and its place among the calls is exact.
    plansAhead: clock.kind === "threads",
    onWarning: settings.onWarning,
    recipe,
    attachment: saved?.attachment,
  };
  const { classes } = found.model;
  if (!isRegression(found.model))
    return new StreamLearner({ ...parts, task: classification(classes) });
  // Whose metrics have those of regression, see `MetricsBook`.
  return new StreamLearner({ ...parts, task: regression(classes) }) as unknown as Regressor;
}

const part = (module: string, name: string, first: readonly unknown[]) => ({
  module,
  export: name,
  arguments: first,
});

/**
 * The profile to plan with: bytes are those of the runtime that runs, wherever the times come from.
 */
function profileOf(
  { timing, batch }: Pick<Settings, "timing" | "batch">,
  { model }: ModelToLearn,
  { runtime }: Pick<ChosenRuntime, "runtime">,
  learnBatch: number,
  compensators: readonly Compensator<never>[],
): Profile {
  const sizes = { model, runtime, batch, learnBatch, compensators };
  if (timing === "measured") return profileModel({ ...sizes, timing, machine: thisMachine() });
  const here = profileModel({ ...sizes, timing: "model" });
  return timing === "model" ? here : withTimes(here, expectSameItems(parseProfile(timing), here));
}

/** @throws InputError for a profile of items of another size or of other layers. */
function expectSameItems(told: Profile, here: Profile): Profile {
  for (const field of ["batch", "learnBatch"] as const)
    if (told[field] !== here[field])
      throw expected(
        `${here[field]}, as this learner has it,`,
        `timing.${field}`,
        told[field],
        "profile the model for it",
      );
  const bytes = ({ layers }: Profile) => layers.map(({ parameterBytes }) => parameterBytes);
  if (`${bytes(told)}` === `${bytes(here)}`) return told;
  throw expected(
    `the parameters of this model, [${bytes(here)}] bytes by layer,`,
    "timing.layers",
    bytes(told),
    "profile this model",
  );
}

/** What plans go by alone. */
function plannedClock(clock: Settings["clock"]): PlannedClock {
  if (clock.kind === "threads") return clock;
  const { onAction: _, ...planned } = clock;
  return planned;
}

function clockOverheads(clock: PlannedClock, { overheads }: Learning): Overheads {
  const isThreads = clock.kind === "threads";
  return {
    ...overheads,
    queueLength: 1,
    executorCount: isThreads ? clock.count : 1,
    arrivalSlots: isThreads ? arrivalSlots(clock.count) : 0,
  };
}

/** In addition to what the engine counts by itself. */
function replanOverheads({
  replayBytes,
  algorithmBytes,
  executorAlgorithmBytes,
  queueLength,
}: Overheads): Partial<Overheads> {
  return { replayBytes, algorithmBytes, executorAlgorithmBytes, queueLength };
}
