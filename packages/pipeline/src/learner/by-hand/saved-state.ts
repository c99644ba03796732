import type { Plan } from "@ferret-ocl/planner";
import {
  type ClockState,
  giveExecutor,
  type LearnerState,
  takeAlgorithm,
  takeExecutor,
} from "../../checkpoint/learner-state.js";
import { giveParts, type StateTensor, takeParts } from "../../checkpoint/parts.js";
import type { Executor } from "../../execute/executor.js";
import type { Ledger } from "../../memory/ledger.js";
import type { DurationHistogram } from "../../metrics/duration-histogram.js";
import type { MetricsBook } from "../../metrics/metrics-book.js";
import type { Scores } from "../../metrics/scores.js";
import { isSameCourse, type PlanSwitch } from "./replan.js";

/** What a learner at rest is made of, on either clock. */
interface AtRest {
  readonly executor: Executor;
  readonly ledger: Ledger;
  readonly book: MetricsBook;
  readonly latency: DurationHistogram;
  readonly clock: {
    readonly scores: Scores;
    readonly items: number;
    readonly predicted: number;
    readonly offered: number;
    readonly admitted: number;
    save(): ClockState;
  };
}

/** What is known of it elsewhere. */
interface Beside {
  readonly plan: Plan;
  readonly switches: readonly PlanSwitch[];
  readonly algorithm: { readonly name: string; readonly state: Uint8Array };
  /** Gradients that the algorithm has asked the model for while it composed. */
  readonly draws: number;
}

/** A copy of all that a learner is. Nothing may be in flight. */
export function takeState(
  { executor, ledger, book, latency, clock }: AtRest,
  { plan, switches, algorithm, draws }: Beside,
): LearnerState {
  const tensors = new Map<string, StateTensor>();
  takeExecutor(tensors, executor);
  takeAlgorithm(tensors, algorithm.state);
  clock.scores.save(tensors);
  takeParts(tensors, "latency", latency.parts);
  const facts = {
    model: executor.model.name,
    algorithm: algorithm.name,
    compensation: executor.compensation,
    optimizer: executor.optimizer,
    plan,
    held: ledger.held.total,
    peak: ledger.peak,
    switches: [...switches],
    clock: clock.save(),
    items: clock.items,
    predicted: clock.predicted,
    offered: clock.offered,
    admitted: clock.admitted,
    counts: book.counts(executor),
    collapse: clock.scores.watch.collapse,
    mostHeld: executor.updates.map(({ versions }) => versions.mostHeld),
    draws: { composing: draws, updating: executor.draws },
  };
  return { facts, tensors };
}

/**
 * What a new executor and its book take over of a state.
 * @param plan that the executor plays.
 * @returns a sentence for people if part of it starts anew.
 */
export function giveRun(
  state: LearnerState,
  { executor, book }: Pick<AtRest, "executor" | "book">,
  plan: Plan,
): string | null {
  const { facts } = state;
  const notice = giveExecutor(state, executor);
  executor.draws = facts.draws.updating;
  book.restore(facts.counts, executor);
  if (isSameCourse(facts.plan, plan))
    executor.updates.forEach(({ versions }, stage) => {
      versions.restoreMostHeld(facts.mostHeld[stage] ?? 1);
    });
  return notice;
}

/** What outlives an executor takes over of it: all but clock and algorithm. */
export function giveRest(
  { facts, tensors }: LearnerState,
  {
    ledger,
    latency,
    clock,
  }: Pick<AtRest, "ledger" | "latency"> & {
    readonly clock: { readonly scores: Scores };
  },
): void {
  clock.scores.restore(tensors, facts.collapse);
  giveParts(tensors, "latency", latency.parts);
  ledger.remember(facts.peak);
}
