import type { Plan } from "@ferret-ocl/planner";
import { checkCommon, checkPlan } from "../../check-options.js";
import { expectSaves, type LearnerState } from "../../checkpoint/learner-state.js";
import {
  arrivalSlots,
  LearnerOnThreads,
  startOnThreads,
  type ThreadsRun,
} from "./learner-on-threads.js";
import {
  expectRoom,
  isSameCourse,
  nextPlan,
  type PlanChange,
  type PlanSwitch,
  SwitchLog,
} from "./replan.js";
import type { ThreadsLearner, ThreadsLearnerOptions } from "./threads-contract.js";

/**
 * Starts a learner on worker threads: the schedules, executor and weight versions of the virtual
 * clock, with the machine's own durations.
 *
 * @throws InputError if the plan's buffers do not fit the ledger's budget, a part cannot be
 *   created, or an option is out of range.
 */
export function startThreadsLearner(options: ThreadsLearnerOptions): Promise<ThreadsLearner> {
  return openOnThreads(options);
}

/** As `startThreadsLearner`; its learner also takes checked items at once. */
export async function openOnThreads(options: ThreadsLearnerOptions): Promise<Ferret> {
  checkCommon(options);
  checkPlan(options.plan, options.model);
  const { partition, workers, inFlight } = options.plan;
  const course = { kind: "asynchronous" } as const;
  const { state } = options;
  const run = await startOnThreads(options, { partition, workers, inFlight, course }, { state });
  return new Ferret(options, run);
}

export class Ferret extends LearnerOnThreads implements ThreadsLearner {
  readonly #options: ThreadsLearnerOptions;
  readonly #log: SwitchLog;
  #plan: Plan;
  #isPaced: boolean;

  constructor(options: ThreadsLearnerOptions, run: ThreadsRun) {
    super(options, run);
    this.#options = options;
    this.#plan = options.plan;
    this.#isPaced = options.arrivalInterval !== null;
    this.#log = new SwitchLog(options.ledger);
    const { state, plan } = options;
    if (!state) return;
    const { facts } = state;
    this.giveState(state, plan);
    this.#log.restore(facts.switches, facts.plan, plan, facts.items, facts.held);
  }

  async save(): Promise<LearnerState> {
    expectSaves(this.clock.run.algorithm);
    return this.takeState(this.#plan, this.#log.switches);
  }

  async replan(change: PlanChange): Promise<void> {
    const { clock } = this;
    clock.expectOpen("replan");
    const { profile, overheads, threads, stateVectors = 0 } = this.#options;
    const { optimiserVectors } = this.executor;
    const plan = nextPlan(change, {
      profile,
      plan: this.#plan,
      compensator: { stateVectors },
      optimiserVectors,
      algorithm: clock.run.algorithm,
      overheads: {
        ...overheads,
        executorCount: threads,
        arrivalSlots: arrivalSlots(threads),
      },
    });
    expectRoom(plan, {
      profile,
      overheads: {
        queueLength: 1,
        compensationVectors: stateVectors,
        optimiserVectors,
        algorithmBytes: this.executor.hookBytes,
        executorCount: threads,
        arrivalSlots: arrivalSlots(threads),
      },
      ledger: this.#options.ledger,
      released: clock.heldByPlan,
    });
    this.#log.request(this.#plan, plan, clock.items, performance.now());
    const before = this.executor;
    const interval = this.#isPaced ? plan.arrivalInterval : null;
    if (isSameCourse(plan, this.#plan)) {
      clock.arrivalInterval = interval;
      this.#log.released();
    } else
      await clock.replan(
        plan,
        interval,
        () => this.#log.released(),
        () => this.book.close(before),
      );
    this.#plan = plan;
    this.#log.complete(clock.items, performance.now());
  }

  switches(): readonly PlanSwitch[] {
    return this.#log.switches;
  }
}
