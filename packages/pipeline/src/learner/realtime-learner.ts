import type { Plan } from "@ferret-ocl/planner";
import { checkCommon, checkPlan } from "../check-options.js";
import type { RealtimeLearner, RealtimeLearnerOptions } from "./realtime-contract.js";
import { expectRoom, nextPlan, type PlanChange, type PlanSwitch, SwitchLog } from "./replan.js";
import { arrivalSlots, startWallClock, WallClock, type WallClockRun } from "./threads-learner.js";

/**
 * Starts a learner on worker threads and the wall clock: the schedules, executor and weight
 * versions of the virtual engine, with the machine's own durations.
 *
 * @throws InputError where the plan's buffers do not fit the ledger's budget, a part cannot be
 * made, or an option is out of its range.
 */
export async function startRealtimeLearner(
  options: RealtimeLearnerOptions,
): Promise<RealtimeLearner> {
  checkCommon(options);
  checkPlan(options.plan, options.model);
  const { partition, workers, inFlight } = options.plan;
  const course = { kind: "asynchronous" } as const;
  const run = await startWallClock(options, { partition, workers, inFlight, course });
  return new Ferret(options, run);
}

class Ferret extends WallClock implements RealtimeLearner {
  readonly #options: RealtimeLearnerOptions;
  readonly #log: SwitchLog;
  #plan: Plan;
  #isPaced: boolean;

  constructor(options: RealtimeLearnerOptions, run: WallClockRun) {
    super(options, run);
    this.#options = options;
    this.#plan = options.plan;
    this.#isPaced = options.arrivalInterval !== null;
    this.#log = new SwitchLog(options.ledger);
  }

  async replan(change: PlanChange): Promise<void> {
    const { engine } = this;
    engine.expectOpen("replan");
    const { profile, overheads, threads, stateVectors = 0 } = this.#options;
    const { optimiserVectors } = this.executor;
    const plan = nextPlan(change, {
      profile,
      plan: this.#plan,
      compensator: { stateVectors },
      optimiserVectors,
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
        executorCount: threads,
        arrivalSlots: arrivalSlots(threads),
      },
      ledger: this.#options.ledger,
      released: engine.heldByPlan,
    });
    this.#log.request(this.#plan, plan, engine.items, performance.now());
    const before = this.executor;
    const interval = this.#isPaced ? plan.arrivalInterval : null;
    await engine.replan(plan, interval, () => {
      this.book.close(before);
      this.#log.released();
    });
    this.#plan = plan;
    this.#log.complete(engine.items, performance.now());
  }

  switches(): readonly PlanSwitch[] {
    return this.#log.switches;
  }
}
