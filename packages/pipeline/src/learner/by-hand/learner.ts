import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import { compensationTimes, type Overheads, type Plan, type Profile } from "@ferret-ocl/planner";
import { checkCommon, checkMachine, checkPlan } from "../../check-options.js";
import { expectSaves, type LearnerState, parametersOf } from "../../checkpoint/learner-state.js";
import { PassDurations } from "../../clock/virtual/durations.js";
import { nanoseconds } from "../../clock/virtual/nanoseconds.js";
import { type UnitOptions, Units } from "../../clock/virtual/units.js";
import type { VirtualRun } from "../../clock/virtual/virtual-clock.js";
import { AsynchronousCourse } from "../../course/asynchronous.js";
import { ferretSchedule } from "../../course/ferret-schedule.js";
import { Pipeline } from "../../course/pipeline.js";
import type { Batch, LearningAlgorithm } from "../../execute/algorithm.js";
import { Executor } from "../../execute/executor.js";
import { allocateParameters, type InitialParameters } from "../../execute/parameters.js";
import { NewCells } from "../../memory/cells.js";
import type { Ledger } from "../../memory/ledger.js";
import { RecordedMemory } from "../../memory/memory.js";
import type { RecentActions } from "../../metrics/action-ring.js";
import type { WarningListener } from "../../metrics/alarm.js";
import type { LearnerMetrics } from "../../metrics/metrics-book.js";
import type { Model } from "../../model/spec.js";
import type { Optimizer } from "../../optimizer/contract.js";
import type { Runtime } from "../../runtime/contract.js";
import type { TimedAction } from "../../schedule/action.js";
import {
  expectRoom,
  isSameCourse,
  nextPlan,
  type PlanChange,
  type PlanSwitch,
  SwitchLog,
} from "./replan.js";
import { type Notes, VirtualClockLearner } from "./virtual-learner.js";

export interface VirtualLearnerOptions extends InitialParameters, UnitOptions {
  readonly model: Model;
  /** The profile that the plan was made from; its times drive the virtual clock. */
  readonly profile: Profile;
  readonly plan: Plan;
  readonly runtime: Runtime;
  /** Holds the memory budget; the algorithm's own buffers should come from it too. */
  readonly ledger: Ledger;
  readonly algorithm: LearningAlgorithm;
  readonly compensator: Compensator<unknown>;
  /** What makes a step from a gradient, see `createOptimizer`; default plain gradient descent. */
  readonly optimizer?: Optimizer<unknown> | undefined;
  readonly kernels: VectorKernels;
  readonly learningRate: number;
  /** The plan's overheads apart from compensation and optimizer; for `replan`. */
  readonly overheads?: Partial<Overheads>;
  /** Called with every action when it ends. */
  readonly onAction?: (action: TimedAction) => void;
  /**
   * Called once with a sentence when the first update is refused, and once when the learner has
   * collapsed, see `LearnerMetrics`; default: a process warning, on stderr.
   */
  readonly onWarning?: WarningListener | undefined;
  /** What `save` of another learner gave, to go on from; in place of `initialParameters`. */
  readonly state?: LearnerState | undefined;
}

/**
 * Ferret on a stream: predicts every item before it learns it, inside the plan's memory.
 *
 * ```ts
 * const learner = createVirtualLearner({ model, profile, plan, runtime, ledger, ... });
 * for (const item of stream) correct += learner.observe(item);
 * learner.finish();
 * ```
 */
export interface VirtualLearner {
  /**
   * Predicts the item, then admits or drops it. Returns the number of samples predicted correctly; in
   * regression, the mean squared error of the values.
   * @param predicted where the class predicted for each sample is written, an Int32Array of size
   *   elements; in regression the values, a Float32Array of size x outputs.
   * @throws InputError if an input is not finite, a label is not a class, or a size or type is wrong
   * (also that of `predicted`): such an item does not count, and the learner is as it was. Whatever
   * the algorithm throws: after that the learner no longer works, since what is in flight is half
   * done.
   */
  observe(item: Batch, predicted?: Int32Array | Float32Array): number;
  /**
   * Lets every admitted item finish. Stage by stage, the nth of the late gradients that no later
   * item corrects is weighted by 1 / (n + 1), or with momentum and Adam its step is, so that they
   * do not carry the model away.
   */
  finish(): void;
  /**
   * Number of samples that the newest weights classify correctly, in regression the mean squared
   * error; `item.size` must be the plan's batch.
   * @param predicted as for `observe`.
   * @throws InputError as `observe`.
   */
  evaluate(item: Batch, predicted?: Int32Array | Float32Array): number;
  /**
   * size x classes logits by the newest weights, or the scores of an algorithm that has a prediction
   * of its own, in a buffer that the next call overwrites. Labels are not read.
   * @throws InputError as `observe`.
   */
  predict(item: Batch): Float32Array;
  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array;
  /**
   * Continues with another budget, arrival interval or number of compute units, while the stream
   * flows: what is in flight finishes, then the model is cut again and the pipeline fills again.
   * The parameters stay as they are to the bit; items that come in between are predicted and
   * dropped. The state of compensator and optimizer is reset.
   * @throws InputError if no plan fits; then the old one continues.
   */
  replan(change: PlanChange): void;
  /** The completed switches, the oldest first. */
  switches(): readonly PlanSwitch[];
  /**
   * A copy of all that it is, to go on from with `state`. What is in flight finishes first, and the
   * stream waits for it: no item is dropped for that. The pipeline then starts anew from what was
   * copied, so that a learner that goes on from the copy is this one to the bit.
   * @throws InputError if the algorithm has no `save`.
   */
  save(): LearnerState;
  /**
   * The newest actions, at most 512: what was predicted (`P`), and what stages and workers did. They are
   * noted from the first call on, which gives none; before it nothing is.
   */
  recentActions(): RecentActions;
  /** Figures of the run so far. */
  metrics(): LearnerMetrics;
  /**
   * Releases the programs' memory outside of JavaScript; the learner no longer works afterwards.
   * May be called more than once; belongs in a `finally`.
   */
  dispose(): void;
}

/**
 * Creates a learner on the virtual clock.
 * @throws InputError if an option is missing, wrong or not a number where one is needed, if options
 *   contradict each other, or if the plan's buffers do not fit the ledger's budget.
 */
export function createVirtualLearner(options: VirtualLearnerOptions): VirtualLearner {
  return openVirtual(options);
}

/** As `createVirtualLearner`; its learner also takes checked items of less than a batch. */
export function openVirtual(options: VirtualLearnerOptions): Ferret {
  checkCommon(options);
  checkPlan(options.plan, options.model);
  checkMachine(options);
  return new Ferret(options);
}

export class Ferret extends VirtualClockLearner implements VirtualLearner {
  readonly #options: VirtualLearnerOptions;
  readonly #parameters: Float32Array;
  readonly #log: SwitchLog;
  #plan: Plan;
  #units: UnitOptions;
  #memory: RecordedMemory;

  constructor(options: VirtualLearnerOptions) {
    const { plan, ledger, model, state } = options;
    const parameters = allocateParameters(model, ledger, startOf(options));
    const memory = new RecordedMemory(ledger);
    const units = unitsOf(options);
    super(
      options,
      (notes) => buildRun(options, { plan, units, parameters, memory }, notes),
      plan.arrivalInterval,
    );
    this.#options = options;
    this.#plan = plan;
    this.#units = units;
    this.#parameters = parameters;
    this.#memory = memory;
    this.#log = new SwitchLog(ledger);
    if (!state) return;
    const { facts } = state;
    this.giveState(state, plan);
    this.#log.restore(facts.switches, facts.plan, plan, facts.items, facts.held);
  }

  save(): LearnerState {
    expectSaves(this.#options.algorithm);
    return this.life.attempt("save", () => {
      this.clock.empty();
      this.executor.settle();
      const state = this.takeState(this.#plan, this.#log.switches);
      this.#startAnew();
      this.giveRun(state, this.#plan);
      return state;
    });
  }

  /**
   * Another executor, in buffers of its own, takes the place of the present one.
   * @param between called when the old buffers have been given back and no new ones taken.
   */
  #startAnew(between: () => void = () => {}): void {
    const { ledger } = this.#options;
    this.executor.dispose();
    this.#memory.releaseAll();
    between();
    this.#memory = new RecordedMemory(ledger);
    const run = buildRun(
      this.#options,
      {
        plan: this.#plan,
        units: this.#units,
        memory: this.#memory,
        parameters: this.#parameters,
      },
      this.notes,
    );
    this.executor = run.executor;
    this.clock.use(run);
  }

  replan(change: PlanChange): void {
    this.life.expect("replan");
    const { ledger } = this.#options;
    const { optimiserVectors } = this.executor;
    const plan = nextPlan(change, {
      ...this.#options,
      plan: this.#plan,
      units: this.#units,
      optimiserVectors,
    });
    const units = change.units === undefined ? this.#units : unitsOf(change.units ?? {});
    // Refused now rather than in the middle of the switch.
    Units.of(units);
    const { profile, compensator } = this.#options;
    const overheads = {
      queueLength: 1 as const,
      compensationVectors: compensator.stateVectors,
      optimiserVectors,
      algorithmBytes: this.executor.hookBytes,
    };
    expectRoom(plan, { profile, overheads, ledger, released: this.#memory.held });
    const { clock } = this;
    // The requested plan is the present one, unless that is about to be replaced.
    const goesOn =
      change.units === undefined && !this.#log.isPending && isSameCourse(plan, this.#plan);
    this.#log.request(this.#plan, plan, clock.items, clock.now);
    clock.arrivalInterval = plan.arrivalInterval;
    if (goesOn) {
      this.#log.released();
      this.#plan = plan;
      this.#log.complete(clock.items, clock.now);
      return;
    }
    clock.whenEmpty(() => {
      this.executor.settle();
      this.book.close(this.executor);
      this.#plan = plan;
      this.#units = units;
      this.#startAnew(() => this.#log.released());
      this.#log.complete(clock.items, clock.now);
    });
  }

  switches(): readonly PlanSwitch[] {
    return this.#log.switches;
  }
}

/** Where the parameters come from. */
function startOf({ seed, initialParameters, state, model }: VirtualLearnerOptions) {
  return { seed, initialParameters: state ? parametersOf(state, model) : initialParameters };
}

/** What follows from the plan and the options. */
interface PlanParts {
  readonly plan: Plan;
  readonly units: UnitOptions;
  readonly parameters: Float32Array;
  readonly memory: RecordedMemory;
}

function buildRun(
  options: VirtualLearnerOptions,
  { plan, units, parameters, memory }: PlanParts,
  notes: Notes,
): VirtualRun {
  const { profile, compensator } = options;
  const cells = new NewCells();
  const executor = new Executor({
    ...options,
    parameters,
    memory,
    cells,
    partition: plan.partition,
    workers: plan.workers,
    inFlight: plan.inFlight,
    batch: profile.batch,
  });
  const recompute = plan.workers.map((worker) => worker.recompute);
  const pipeline = new Pipeline({
    buffers: executor.buffers,
    versions: executor.updates.map(({ versions }) => versions),
    schedule: ferretSchedule,
    recompute,
    cells,
  });
  const forwards = stageTimes(profile, plan, "forwardTime").map(nanoseconds);
  const backwards = addRepairTimes(
    stageTimes(profile, plan, "backwardTime"),
    executor,
    compensationTimes(profile, plan.partition, compensator.name),
  ).map(nanoseconds);
  const times = recompute.map((repeats) =>
    forwards.map((forward, stage) => ({
      forward,
      backward: (backwards[stage] as number) + (repeats ? forward : 0),
      weight: 0,
    })),
  );
  return {
    executor,
    course: new AsynchronousCourse(pipeline, { executor, ...notes }, cells),
    durations: new PassDurations(times),
    units: Units.of(units),
  };
}

function unitsOf({ computeUnits, unitSpeeds }: UnitOptions): UnitOptions {
  return { computeUnits, unitSpeeds };
}

/** The time of repairs is added to the backward pass, where gradients are repaired. */
function addRepairTimes(
  times: readonly number[],
  { updates }: Executor,
  repairTimes: readonly number[],
): number[] {
  return times.map((time, stage) =>
    updates[stage]?.repairs ? time + (repairTimes[stage] as number) : time,
  );
}

function stageTimes(profile: Profile, plan: Plan, key: "forwardTime" | "backwardTime"): number[] {
  return plan.partition.map((start, stage) =>
    profile.layers
      .slice(start, plan.partition[stage + 1] ?? profile.layers.length)
      .reduce((sum, layer) => sum + layer[key], 0),
  );
}
