import type { VectorKernels } from "@ferret-ocl/compensation";
import type { Plan } from "@ferret-ocl/planner";
import {
  algorithmStateOf,
  expectSaves,
  type LearnerState,
  saveAlgorithm,
} from "../../checkpoint/learner-state.js";
import { VirtualClock, type VirtualRun } from "../../clock/virtual/virtual-clock.js";
import type { ActionLog, CourseParts } from "../../course/contract.js";
import type { Batch, LearningAlgorithm } from "../../execute/algorithm.js";
import { checkInputs, checkItem, checkPredicted } from "../../execute/check-item.js";
import type { Executor } from "../../execute/executor.js";
import { attachModel, type WholeModel } from "../../execute/whole-model.js";
import { NewCells } from "../../memory/cells.js";
import type { Ledger } from "../../memory/ledger.js";
import { ActionRing, logToBoth, type RecentActions } from "../../metrics/action-ring.js";
import { Alarm, type WarningListener } from "../../metrics/alarm.js";
import { DurationHistogram } from "../../metrics/duration-histogram.js";
import { type LearnerMetrics, MetricsBook } from "../../metrics/metrics-book.js";
import type { Model } from "../../model/spec.js";
import type { Runtime } from "../../runtime/contract.js";
import type { TimedAction } from "../../schedule/action.js";
import { Life } from "../life.js";
import type { PlanSwitch } from "./replan.js";
import { giveRest, giveRun, takeState } from "./saved-state.js";

export interface VirtualClockOptions {
  readonly model: Model;
  readonly runtime: Runtime;
  readonly ledger: Ledger;
  readonly algorithm: LearningAlgorithm;
  readonly kernels: VectorKernels;
  readonly onAction?: ((action: TimedAction) => void) | undefined;
  readonly onWarning?: WarningListener | undefined;
}

/** Where a course on the virtual clock notes what was done. */
export type Notes = Omit<CourseParts, "executor">;

/** What learners on the virtual clock have in common, whatever course they take. */
export class VirtualClockLearner {
  protected readonly clock: VirtualClock;
  protected readonly book = new MetricsBook();
  protected readonly life = new Life();
  protected readonly notes: Notes;
  protected executor: Executor;
  readonly #options: VirtualClockOptions;
  readonly #alarm: Alarm;
  readonly #recent = new ActionRing(new NewCells());
  /** The algorithm's own way to the model. */
  readonly #access: WholeModel | null;

  /**
   * @param build makes what is run first.
   * @param arrivalInterval milliseconds between two items.
   */
  constructor(
    options: VirtualClockOptions,
    build: (notes: Notes) => VirtualRun,
    arrivalInterval: number,
  ) {
    this.#options = options;
    this.notes = {
      log: logToBoth(this.#recent, logOf(options.onAction)),
      latency: new DurationHistogram(new NewCells()),
    };
    const run = build(this.notes);
    this.executor = run.executor;
    this.clock = new VirtualClock(run, arrivalInterval, this.#recent);
    this.#alarm = new Alarm(options.onWarning);
    this.#access = attachModel(options, (target) => this.executor.readNewest(target));
  }

  observe(item: Batch, predicted?: Int32Array | Float32Array): number {
    this.life.expect("observe");
    checkItem(item, this.executor.itemShape, this.clock.items);
    checkPredicted(predicted, item.size, this.executor.itemShape);
    const correct = this.life.attempt("observe", () => this.clock.observe(item, predicted));
    this.#alarm.look(this.executor, this.clock.watch);
    return correct;
  }

  /**
   * An item that has been checked arrives: it is learned, or dropped, predicted before that where
   * it is asked for. `x` has room for a whole batch, whatever its size.
   */
  take(
    item: Batch,
    predicts: boolean,
  ): { readonly isLearned: boolean; readonly logits: Float32Array } {
    const { clock } = this;
    const { admitted } = clock;
    this.life.attempt(predicts ? "observe" : "learn", () => {
      if (predicts) clock.observe(item);
      else clock.learn(item);
    });
    this.#alarm.look(this.executor, clock.watch);
    return { isLearned: clock.admitted > admitted, logits: this.executor.lastLogits };
  }

  /** As `predict`, of an item that has been checked. */
  logits(item: Batch): Float32Array {
    this.life.expect("predict");
    const now = 1e6 * this.clock.now;
    this.#recent.add("P", this.clock.items, -1, -1, now, now);
    return this.executor.predict(item);
  }

  finish(): void {
    this.life.attempt("finish", () => this.clock.finish());
    this.#alarm.look(this.executor, this.clock.watch);
  }

  evaluate(item: Batch, predicted?: Int32Array | Float32Array): number {
    this.life.expect("evaluate");
    checkItem(item, this.executor.itemShape, "the item to evaluate");
    checkPredicted(predicted, item.size, this.executor.itemShape);
    return this.executor.evaluate(item, predicted);
  }

  predict(item: Batch): Float32Array {
    this.life.expect("predict");
    checkInputs(item, this.executor.itemShape, "the item to predict");
    return this.executor.predict(item);
  }

  /** Copies all that it is, under a plan. Nothing may be in flight. */
  protected takeState(plan: Plan, switches: readonly PlanSwitch[]): LearnerState {
    const { algorithm } = this.#options;
    return takeState(this.#atRest, {
      plan,
      switches,
      algorithm: { name: algorithm.name ?? "", state: saveAlgorithm(algorithm) },
      draws: this.#access?.draws ?? 0,
    });
  }

  /** Goes on from a state, before the first item; the parameters have been put in place. */
  protected giveState(state: LearnerState, plan: Plan): void {
    const { algorithm } = this.#options;
    expectSaves(algorithm);
    algorithm.restore?.(algorithmStateOf(state));
    if (this.#access) this.#access.draws = state.facts.draws.composing;
    this.giveRun(state, plan);
    this.clock.restore(state.facts);
    giveRest(state, this.#atRest);
  }

  /** The part of it that a new executor takes over. */
  protected giveRun(state: LearnerState, plan: Plan): void {
    const notice = giveRun(state, this.#atRest, plan);
    if (notice) this.#alarm.tell(notice);
  }

  get #atRest() {
    const { executor, book, clock, notes } = this;
    return { executor, book, clock, latency: notes.latency, ledger: this.#options.ledger };
  }

  parameters(): Float32Array {
    const all = new Float32Array(this.#options.model.parameterCount);
    this.executor.readNewest(all);
    return all;
  }

  metrics(): LearnerMetrics {
    const { ledger } = this.#options;
    return this.book.describe(this.executor, this.clock, this.notes.latency, ledger);
  }

  recentActions(): RecentActions {
    this.#recent.begin();
    return { now: this.clock.now, actions: this.#recent.actions(0) };
  }

  dispose(): void {
    if (!this.life.dispose()) return;
    this.executor.dispose();
    this.#access?.dispose();
  }
}

/** Nothing is recorded unless it is asked for. */
const noLog: ActionLog = { add() {} };

function logOf(onAction: ((action: TimedAction) => void) | undefined): ActionLog {
  if (!onAction) return noLog;
  return {
    add(kind, item, worker, stage, start, end) {
      onAction({ kind, item, worker, stage, start: start / 1e6, end: end / 1e6 });
    },
  };
}
