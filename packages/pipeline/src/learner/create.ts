import { availableParallelism, cpus } from "node:os";
import { type Compensator, compensatorNames, type VectorKernels } from "@ferret-ocl/compensation";
import {
  type BudgetedPlan,
  type NamedBudget,
  type Overheads,
  type Plan,
  type Profile,
  parseProfile,
  planUnder,
} from "@ferret-ocl/planner";
import { checkPlan } from "../check-options.js";
import { expected } from "../errors.js";
import { checkOneStage, partitionFor } from "../execute/whole-update.js";
import { Ledger } from "../memory/ledger.js";
import { createOptimizer } from "../optimizer/registry.js";
import { profileModel, withTimes } from "../profile.js";
import { type ChosenRuntime, chooseRuntime } from "../runtime/choose.js";
import { chooseCompensation, type PlanningGoal } from "./choose-compensation.js";
import type { Learner, LearnerOptions } from "./contract.js";
import { type Learning, learningOf } from "./learning.js";
import { loadAlgorithm } from "./load-algorithm.js";
import { fastestInterval } from "./pace.js";
import { pipelineCompensator, pipelineSettings } from "./pipeline-compensator.js";
import { type PlannedClock, planOnClock } from "./plan-on-clock.js";
import type { Player } from "./player.js";
import { type ModelToLearn, readModel } from "./read-model.js";
import { readSettings, type Settings } from "./settings.js";
import { StreamLearner } from "./stream-learner.js";
import { arrivalSlots } from "./threads-learner.js";
import { threadsPlayer } from "./threads-player.js";
import { virtualPlayer } from "./virtual-player.js";

/**
 * A learner for a stream, ready to predict and learn: profiles the model, plans under the budget,
 * allocates everything, and on threads starts them.
 *
 * ```ts
 * const learner = await createLearner({ model: "mlp", inputShape: [54], classes: 7, memoryBudget: "8MiB" });
 * const { label } = await learner.predict(x);
 * await learner.learn(x, y);
 * await learner.dispose();
 * ```
 *
 * @throws InputError where an option is unknown, missing or wrong, or no plan fits the budget.
 */
export async function createLearner(options: LearnerOptions): Promise<Learner> {
  const settings = readSettings(options);
  const found = readModel(options);
  const chosen = await chooseRuntime(options.runtime);
  if (chosen.notice !== null) settings.onWarning(chosen.notice);
  const algorithm = await loadAlgorithm(options.algorithm ?? "vanilla");
  const { seed, learningRate, batch } = settings;
  const optimizer = createOptimizer(...settings.optimizer, chosen.kernels);
  const algorithmSettings = { seed, learningRate, ...options.algorithmOptions };
  const learning = learningOf({
    algorithm,
    settings: algorithmSettings,
    model: found.model,
    runtime: chosen.runtime,
    batch,
    optimiserVectors: optimizer.vectors,
    profileFor: (learnBatch) => profileOf(settings, found, chosen, learnBatch),
  });
  const { profile } = learning;
  const { clock } = settings;
  const interval =
    settings.interval ?? fastestInterval(profile, clock.kind === "threads" ? clock.count : 1);
  const overheads = clockOverheads(clock, learning);
  const whole = partitionFor(learning.needs);
  const planFor = (
    memoryBudget: number | NamedBudget,
    arrivalInterval: number,
    goal: PlanningGoal,
    compensationVectors: number,
    given: Plan | null = options.plan ?? null,
  ): BudgetedPlan => {
    const all = { ...overheads, compensationVectors };
    const request = { ...goal, ...whole, profile, overheads: all, arrivalInterval };
    if (!given) return planOnClock(clock, memoryBudget, request);
    checkPlan(given, found.model);
    checkOneStage(learning.needs, given.partition, "plan.partition");
    const { partition, workers, inFlight } = given;
    // Its figures are those of this learner: what an algorithm and threads take counts, too.
    const parts = { partition, workers, ...(inFlight && { inFlight }) };
    return planUnder(memoryBudget, { ...request, ...parts });
  };
  const { compensation, planned } = chooseCompensation({
    compensation: settings.compensation,
    objective: options.objective ?? "progress",
    optimizer: settings.optimizer[0],
    memoryBudget: settings.budget,
    kernels: chosen.kernels,
    plan(goal, vectors, budget) {
      const first = planFor(budget, interval, goal, vectors);
      return { first, plans: [first.plan], goal, vectors };
    },
  });
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
  const chosenOnly = goal.compensations?.filter(({ name }) => name === compensation);
  return new StreamLearner({
    ...found,
    profile,
    compensation,
    player,
    first,
    batch,
    interval,
    budget: settings.budget,
    replan: (budget, arrivalInterval, given) =>
      planFor(
        budget,
        arrivalInterval,
        { ...goal, ...(chosenOnly && { compensations: chosenOnly }) },
        vectors,
        given ?? null,
      ),
  });
}

const part = (module: string, name: string, first: readonly unknown[]) => ({
  module,
  export: name,
  arguments: first,
});

/** The profile to plan with: bytes are those of the runtime that runs, wherever times are from. */
function profileOf(
  { timing, batch }: Pick<Settings, "timing" | "batch">,
  { model }: ModelToLearn,
  { runtime, kernels }: Pick<ChosenRuntime, "runtime" | "kernels">,
  learnBatch: number,
): Profile {
  const compensators = compensatorsThatTakeTime(kernels);
  const sizes = { model, runtime, batch, learnBatch, compensators };
  if (timing === "measured") return profileModel({ ...sizes, timing, machine: machine() });
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

function compensatorsThatTakeTime(kernels: VectorKernels) {
  const names = compensatorNames.filter((name) => name !== "none");
  return names.map((name) => pipelineCompensator(name, kernels) as Compensator<never>);
}

function machine(): string {
  return `${cpus()[0]?.model.trim() ?? "unknown processor"} (${availableParallelism()} cores)`;
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

/** Beside what the engine counts by itself. */
function replanOverheads({
  replayBytes,
  algorithmBytes,
  executorAlgorithmBytes,
  queueLength,
}: Overheads): Partial<Overheads> {
  return { replayBytes, algorithmBytes, executorAlgorithmBytes, queueLength };
}
