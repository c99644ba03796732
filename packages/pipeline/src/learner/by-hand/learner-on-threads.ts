import { availableParallelism } from "node:os";
import type { Plan } from "@ferret-ocl/planner";
import {
  checkCloneable,
  checkFunction,
  checkInterval,
  checkRecord,
  checkReference,
} from "../../check-options.js";
import {
  algorithmStateOf,
  expectSaves,
  type LearnerState,
  parametersOf,
} from "../../checkpoint/learner-state.js";
import { buildAlgorithm } from "../../clock/threads/run.js";
import type { RunDescription } from "../../clock/threads/run-description.js";
import {
  type Brought,
  composesApart,
  type Purpose,
  ThreadsClock,
} from "../../clock/threads/threads-clock.js";
import type { Admission } from "../../course/admission.js";
import { expected } from "../../errors.js";
import type { Batch } from "../../execute/algorithm.js";
import { checkInputs, checkItem, checkPredicted } from "../../execute/check-item.js";
import type { Executor } from "../../execute/executor.js";
import { checkLearningRate } from "../../execute/gradient-bounds.js";
import { allocateParameters } from "../../execute/parameters.js";
import { attachModel, type WholeModel } from "../../execute/whole-model.js";
import { NewCells } from "../../memory/cells.js";
import { RecordedMemory } from "../../memory/memory.js";
import type { RecentActions } from "../../metrics/action-ring.js";
import { Alarm } from "../../metrics/alarm.js";
import { DurationHistogram } from "../../metrics/duration-histogram.js";
import { MetricsBook } from "../../metrics/metrics-book.js";
import { isRegression } from "../../model/loss.js";
import { loadRuntime, type RuntimeChoice } from "../../runtime/load.js";
import type { TimedAction } from "../../schedule/action.js";
import type { PlanSwitch } from "./replan.js";
import { giveRest, giveRun, takeState } from "./saved-state.js";
import type { ThreadsLearnerBase, ThreadsMetrics, ThreadsOptions } from "./threads-contract.js";

/** Items that may wait for their prediction, for the plan's overheads: two a thread. */
export function arrivalSlots(threads: number): number {
  checkThreads(threads);
  return 2 * threads;
}

/**
 * More threads than this only get in each other's way: four for each core, and some on any machine.
 */
const mostThreads = Math.max(64, 4 * availableParallelism());

/** Items whose actions are recorded; a timeline of more cannot be looked at. */
const mostTraced = 1_000_000;

function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads) return;
  throw expected(
    `a whole number from 1 to ${mostThreads}`,
    "threads",
    threads,
    `this machine has ${availableParallelism()} cores`,
  );
}

function checkThreadsOptions(options: ThreadsOptions): void {
  const { threads, arrivalInterval, tracedItems = 0, algorithmOptions = {} } = options;
  checkThreads(threads);
  if (arrivalInterval !== null) checkInterval(arrivalInterval);
  if (!Number.isInteger(tracedItems) || tracedItems < 0 || tracedItems > mostTraced)
    throw expected(`a whole number from 0 to ${mostTraced}`, "tracedItems", tracedItems);
  checkReference(options.algorithm, "algorithm");
  checkReference(options.compensator, "compensator");
  if (options.optimizer !== undefined) checkReference(options.optimizer, "optimizer");
  checkRecord(algorithmOptions, "algorithmOptions");
  checkCloneable(options.algorithm, "algorithm");
  checkCloneable(options.compensator, "compensator");
  checkCloneable(options.optimizer, "optimizer");
  checkCloneable(algorithmOptions, "algorithmOptions");
  checkFunction(options.onPrediction, "onPrediction");
  if (options.onValues === undefined) return;
  checkFunction(options.onValues, "onValues");
  if (!isRegression(options.model))
    throw expected(
      "nothing with a model of classes",
      "onValues",
      options.onValues,
      "onPrediction is called there",
    );
}

/** Turns that a thread spins before it sleeps: some microseconds, less than a sleep costs. */
const spinTurns = 4000;

/** What runs on the wall clock. */
export interface ThreadsRun {
  readonly clock: ThreadsClock;
  /** The algorithm's own way to the model. */
  readonly access: WholeModel | null;
}

/**
 * Checks the options, allocates everything and starts the threads.
 * @param course what they are to do, on which stages and workers.
 * @param start `admission`: what is learned, where the model is one stage; `state`: what it goes on from.
 * @throws InputError where the buffers do not fit the ledger's budget, a part cannot be made, or
 * an option is out of its range.
 */
export async function startOnThreads(
  options: ThreadsOptions,
  course: Pick<RunDescription, "partition" | "workers" | "inFlight" | "course">,
  {
    admission,
    state,
  }: { readonly admission?: Admission; readonly state?: LearnerState | undefined } = {},
): Promise<ThreadsRun> {
  checkThreadsOptions(options);
  const { model, profile, ledger, threads, arrivalInterval } = options;
  checkLearningRate(options.learningRate);
  const runtime = forThreads(options.runtime);
  const description: RunDescription = {
    ...course,
    model,
    batch: profile.batch,
    learningRate: options.learningRate,
    parameters: allocateParameters(model, ledger, {
      seed: options.seed,
      initialParameters: state ? parametersOf(state, model) : options.initialParameters,
    }),
    runtime,
    algorithm: options.algorithm,
    algorithmOptions: options.algorithmOptions ?? {},
    compensator: options.compensator,
    optimizer: options.optimizer,
    threadCount: threads,
    spins: threads <= availableParallelism() ? spinTurns : 0,
    arrivalSlots: arrivalSlots(threads),
    tracedItems: options.tracedItems ?? 0,
  };
  const algorithmMemory = new RecordedMemory(ledger);
  const algorithm = await buildAlgorithm(description, algorithmMemory);
  const { runtime: own, kernels } = await loadRuntime(runtime);
  const accessMemory = new RecordedMemory(ledger);
  let clock: ThreadsClock | null = null;
  const access = attachModel(
    { model, runtime: own, ledger: accessMemory, algorithm, kernels },
    (target) => clock?.run.executor.readNewest(target),
  );
  const saved = state && {
    state: algorithmStateOf(state),
    draws: state.facts.draws.composing,
  };
  if (saved && !composesApart({ algorithm, description })) {
    expectSaves(algorithm);
    algorithm.restore?.(saved.state);
    if (access) access.draws = saved.draws;
  }
  clock = await ThreadsClock.start({
    saved,
    ledger,
    admission,
    arrivalInterval,
    onPrediction: options.onPrediction,
    onValues: options.onValues,
    algorithm,
    algorithmMemory,
    accessMemory,
    description,
  });
  return { clock, access };
}

/** What learners on the wall clock have in common, whatever they play. */
export class LearnerOnThreads implements ThreadsLearnerBase {
  protected readonly clock: ThreadsClock;
  protected readonly book = new MetricsBook();
  readonly #options: ThreadsOptions;
  readonly #access: WholeModel | null;
  readonly #alarm: Alarm;

  constructor(options: ThreadsOptions, { clock, access }: ThreadsRun) {
    this.#options = options;
    this.clock = clock;
    this.#access = access;
    this.#alarm = new Alarm(options.onWarning);
  }

  async observe(item: Batch, learned: Batch | null = item): Promise<void> {
    await this.clock.observe(item, learned);
    this.#alarm.look(this.executor, this.clock.watch);
  }

  /** As `bring` of the clock, of an item that has been checked. */
  async bring(item: Batch, purpose: Purpose): Promise<Brought> {
    const brought = await this.clock.bring(item, purpose);
    this.#alarm.look(this.executor, this.clock.watch);
    return brought;
  }

  async finish(): Promise<void> {
    await this.clock.finish();
    this.#alarm.look(this.executor, this.clock.watch);
  }

  evaluate(item: Batch, predicted?: Int32Array | Float32Array): number {
    this.clock.expectFinished("evaluate");
    checkItem(item, this.executor.itemShape, "the item to evaluate");
    checkPredicted(predicted, item.size, this.executor.itemShape);
    return this.executor.evaluate(item, predicted);
  }

  /** After `finish`, of an item that has been checked: logits as of `predict`. */
  logits(item: Batch): Float32Array {
    this.clock.expectFinished("predict");
    return this.executor.predict(item);
  }

  predict(item: Batch): Float32Array {
    this.clock.expectFinished("predict");
    checkInputs(item, this.executor.itemShape, "the item to predict");
    return this.executor.predict(item);
  }

  parameters(): Float32Array {
    const all = new Float32Array(this.#options.model.parameterCount);
    this.executor.readNewest(all);
    return all;
  }

  actions(): TimedAction[] {
    return this.clock.actions();
  }

  recentActions(): RecentActions {
    return this.clock.recentActions();
  }

  metrics(): ThreadsMetrics {
    const { run, mostLate, effort } = this.clock;
    const common = this.book.describe(
      run.executor,
      this.clock,
      this.#latency,
      this.#options.ledger,
    );
    return { ...common, mostLate, effort };
  }

  /** Under this plan and those before it. */
  get #latency(): DurationHistogram {
    const latency = new DurationHistogram(new NewCells());
    latency.addAll(this.clock.pastLatency);
    latency.addAll(this.clock.run.latency);
    return latency;
  }

  /** A copy of all that it is, under a plan, at a moment at which nothing is in flight. */
  protected takeState(plan: Plan, switches: readonly PlanSwitch[]): Promise<LearnerState> {
    const { executor, book, clock } = this;
    const { algorithm } = clock.run;
    return clock.atRest("save", ({ state, draws }) =>
      takeState(
        { executor, book, clock, latency: this.#latency, ledger: this.#options.ledger },
        { plan, switches, algorithm: { name: algorithm.name ?? "", state }, draws },
      ),
    );
  }

  /** Goes on from a state, before the first item; parameters and algorithm already do. */
  protected giveState(state: LearnerState, plan: Plan): void {
    const { executor, book, clock } = this;
    const notice = giveRun(state, { executor, book }, plan);
    if (notice) this.#alarm.tell(notice);
    clock.restore(state.facts);
    giveRest(state, { clock, latency: clock.pastLatency, ledger: this.#options.ledger });
  }

  async dispose(): Promise<void> {
    await this.clock.dispose();
    this.#access?.dispose();
  }

  protected get executor(): Executor {
    return this.clock.run.executor;
  }
}

/** Backends of tfjs that several threads of a process may load. */
const threadBackends = ["wasm", "cpu"] as const;

function forThreads(choice: RuntimeChoice): RuntimeChoice {
  checkRecord(choice, "runtime");
  if (choice.name !== "native" && choice.name !== "tfjs")
    throw expected("native or tfjs", "runtime.name", (choice as { name: unknown }).name);
  if (choice.name === "native") return choice;
  const backends = choice.backends ?? threadBackends;
  const wrong = backends.find((name) => !threadBackends.some((known) => known === name));
  if (wrong)
    throw expected(
      `${threadBackends.join(" or ")}, which threads can share,`,
      "backends",
      wrong,
      "tfjs-node works in one thread of a process, so run it on the virtual clock",
    );
  return { name: "tfjs", backends };
}
