import {
  createLearner,
  type Labels,
  type LearnerChange,
  type LearnerOptions,
  type Observation,
  openLearner,
  type RegressionObservation,
  type RegressorOptions,
  type Samples,
  type Targets,
} from "@ferret-ocl/pipeline";
import {
  hasCheckpoint,
  readLabels,
  readModel,
  readSamples,
  readTargets,
} from "@ferret-ocl/pipeline/engine";
import {
  BudgetError,
  formatBytes,
  namedBudgets,
  readBytes,
  readDuration,
} from "@ferret-ocl/planner";
import { expected, InputError, UnknownIdError } from "./errors.js";
import type { FollowCounts } from "./follow/contract.js";
import { Gate } from "./gate.js";
import { PredictionBatcher } from "./prediction-batcher.js";
import { readSaved } from "./saved-settings.js";
import { ClassScores } from "./scores/class-scores.js";
import type { SavedScores, Scores } from "./scores/contract.js";
import { ValueScores } from "./scores/value-scores.js";
import type { ServedLearner } from "./served-learner.js";
import { StateLock } from "./state-lock.js";
import {
  type SavedSamples,
  type WaitedSample,
  type WaitingLimits,
  WaitingSamples,
} from "./waiting-samples.js";

/** How a service keeps its learner, and what it keeps beside it. */
export interface ServiceOptions {
  /**
   * What the learner is. Where `state` holds a checkpoint, that learner goes on: its budget, pace, clock
   * and the rest of `OpenOptions` may differ, other settings are refused if they do, and `weights`, with
   * which it began, are not looked at.
   */
  readonly learner: LearnerOptions | RegressorOptions;
  /** Folder of checkpoints; default: none are written. */
  readonly state?: string;
  /**
   * Bytes of samples that wait for their labels, such as `1MiB`. They are part of `learner.memoryBudget`
   * where that is a size, and come in addition where it is a name. Default 1 MiB, or 16 samples if those
   * take more.
   */
  readonly waitingBytes?: number | string;
  /** How long they wait, such as `90s` or milliseconds; default 10 minutes. */
  readonly waitingTime?: number | string;
  /** Predictions that windowed figures are about; default 1,000. */
  readonly window?: number;
  /**
   * Milliseconds that a sample waits at most, while another prediction is under way, to be predicted
   * together with others; default 2; 0: each call is predicted by itself.
   */
  readonly batchWait?: number;
}

/** A prediction that a label may follow: of a class, or of values. */
export type ServedPrediction = ServedClass | ServedValues;

/** A class that was predicted. */
export interface ServedClass {
  readonly id: string;
  readonly label: number;
  /** [classes] */
  readonly probabilities: Float32Array;
  readonly values?: undefined;
}

/** Values that were predicted. */
export interface ServedValues {
  readonly id: string;
  /** [outputs] */
  readonly values: Float32Array;
  readonly label?: undefined;
  readonly probabilities?: undefined;
}

/** A label, or target values, for a sample that waits. */
export interface LateLabel {
  readonly id: string;
  /** A class; in regression a number, or one for each output. */
  readonly label: number | readonly number[];
}

/** What a service has done since its process began. */
export interface ServiceCounts {
  readonly predicted: number;
  /** Samples of `label` and `learn` that were taken in. */
  readonly learned: number;
  /** Those for which there was no room. */
  readonly dropped: number;
}

/** Bytes, a size or a name; null and undefined: none. */
type Budget = number | string | null | undefined;

/** Where each source stands, by its name. */
type Positions = Readonly<Record<string, unknown>>;

/** What a checkpoint keeps beside the learner. */
interface Attachment {
  /** Where each source stands, by its name: everything up to it has been taken in. */
  readonly positions: Positions;
  /** As it was asked for, with samples that wait if it is a size. */
  readonly memoryBudget?: Budget;
  readonly waiting?: SavedSamples;
  readonly scores?: SavedScores;
}

/**
 * A learner that lives longer than its process: what HTTP, sources and the live page all act on.
 *
 * ```
 *   HTTP ───┐                       ┌── predictions, ids
 *   source ─┼─> Service ─> Learner ─┼── metrics
 *   page ───┘      │                └── checkpoints: learner, positions of sources, samples that wait
 * ```
 */
export class Service {
  readonly learner: ServedLearner;
  /** Values of a sample. */
  readonly inputLength: number;
  /** Samples that wait for their labels. */
  readonly waiting: WaitingSamples;
  /** Of predictions made before their labels were learned. */
  readonly scores: Scores;
  readonly window: number;
  readonly batcher: PredictionBatcher;
  readonly #options: ServiceOptions;
  readonly #positions = new Map<string, unknown>();
  /** What teaches the learner passes; a checkpoint holds all of a call or nothing. */
  readonly #gate = new Gate();
  /** How checkpoints are made while something is followed. */
  #saver: (() => Promise<Positions>) | null = null;
  readonly #lock: StateLock | null;
  #savedAt: number | null = null;
  #followed: (() => FollowCounts) | null = null;
  /** Requests from outside that have been handled. */
  #requests = 0;
  /** As it was asked for last. */
  #budget: Budget;
  #counts: ServiceCounts = { predicted: 0, learned: 0, dropped: 0 };

  private constructor(
    learner: ServedLearner,
    waiting: WaitingSamples,
    options: ServiceOptions,
    budget: Budget,
    lock: StateLock | null,
  ) {
    this.#budget = budget;
    this.#lock = lock;
    const { window = 1000, batchWait = 2 } = options;
    this.learner = learner;
    this.waiting = waiting;
    this.window = window;
    this.#options = options;
    const { model, profile } = learner;
    this.inputLength = lengthOf(model.inputShape);
    this.scores = new (isOfValues(model) ? ValueScores : ClassScores)(model.classes, window);
    const shape = { inputLength: this.inputLength, width: model.classes };
    this.batcher = new PredictionBatcher(learner, shape, profile.batch, batchWait);
    const attachment = (learner.attachment ?? {}) as Partial<Attachment>;
    for (const [name, position] of Object.entries(attachment.positions ?? {}))
      this.#positions.set(name, position);
    if (attachment.waiting) waiting.restore(attachment.waiting);
    if (attachment.scores) this.scores.restore(attachment.scores);
  }

  /**
   * Opens the checkpoint in `state`, or creates the learner where there is none.
   * @throws InputError where an option is wrong, or another one than the checkpoint was made with and
   *   cannot change, or no plan fits the budget.
   */
  static async open(options: ServiceOptions): Promise<Service> {
    const { state, window = 1000, batchWait = 2 } = options;
    const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
    if (unknown !== undefined)
      throw expected(`one of ${optionNames.join(", ")}`, "an option of Service.open", unknown);
    if (!Number.isInteger(window) || window < 1)
      throw expected("a whole number of at least 1", "window", window);
    if (!(batchWait >= 0 && batchWait <= 1000))
      throw expected("milliseconds from 0 to 1000", "batchWait", batchWait);
    const lock = state === undefined ? null : StateLock.take(state);
    try {
      return await Service.#open(options, lock);
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  static async #open(options: ServiceOptions, lock: StateLock | null): Promise<Service> {
    const { learner, state } = options;
    const isSaved = state !== undefined && hasCheckpoint(state);
    const saved = isSaved ? readSaved(state, learner) : null;
    const model =
      saved?.model ?? readModel({ ...learner, weights: undefined } as LearnerOptions).model;
    const inputLength = lengthOf(model.inputShape);
    const predictedLength = isOfValues(model) ? model.classes : 1;
    const waiting = new WaitingSamples(
      inputLength,
      predictedLength,
      readLimits(options, inputLength + predictedLength),
    );
    const before = (saved?.attachment ?? {}) as Partial<Attachment>;
    const budget = learner.memoryBudget === undefined ? before.memoryBudget : learner.memoryBudget;
    const memoryBudget = withoutWaiting(budget, waiting);
    const opened = await withWaiting(budget, waiting, () =>
      isSaved
        ? openLearner(state, { ...mayChange(learner), memoryBudget })
        : createLearner({ ...learner, model, memoryBudget } as LearnerOptions),
    );
    return new Service(opened as ServedLearner, waiting, options, budget, lock);
  }

  /** Bytes that learner and samples that wait may use; null for no limit. */
  get memoryBudget(): number | null {
    const { memoryBudget } = this.learner;
    return memoryBudget === null ? null : memoryBudget + this.waiting.plannedBytes;
  }

  get counts(): ServiceCounts {
    return this.#counts;
  }

  /**
   * Predicts one sample, which then waits for its label under the id.
   * @param id default: one that nobody else has.
   * @throws InputError as `learner.predict`, or if the id is in use.
   */
  async predict(x: Samples, id?: string): Promise<ServedPrediction> {
    const [prediction, ...more] = await this.predictAll(x, [id]);
    if (prediction && more.length === 0) return prediction;
    throw expected("one sample", "x", `${1 + more.length} of them`);
  }

  /** As `predict`, of samples one after the other. @param ids of each, as far as it has one. */
  async predictAll(
    x: Samples,
    ids: readonly (string | undefined)[] = [],
  ): Promise<ServedPrediction[]> {
    const samples = readSamples(x, this.inputLength);
    const count = samples.length / this.inputLength;
    const { waiting } = this;
    if (count > waiting.room)
      throw expected(
        `at most ${waiting.room} samples at once, as many as may wait for labels,`,
        "x",
        `${count} of them`,
        "ask for fewer, or raise waitingBytes",
      );
    const reserved: string[] = [];
    try {
      for (let sample = 0; sample < count; sample++) reserved.push(waiting.reserve(ids[sample]));
      const { labels, outputs } = await this.batcher.predict(samples);
      this.#counts = { ...this.#counts, predicted: this.#counts.predicted + count };
      const width = outputs.length / count;
      return reserved.map((id, sample): ServedPrediction => {
        const of = outputs.subarray(sample * width, (sample + 1) * width);
        const label = labels?.[sample];
        const begin = sample * this.inputLength;
        const own = samples.subarray(begin, begin + this.inputLength);
        waiting.add(id, own, label === undefined ? of : [label]);
        return label === undefined ? { id, values: of } : { id, label, probabilities: of };
      });
    } catch (error) {
      for (const id of reserved) waiting.release(id);
      throw error;
    }
  }

  /**
   * Learns a sample that was predicted.
   * @returns whether it still waited. Where there is no room to learn it, it waits on.
   * @throws InputError if the label is none; then the sample waits on.
   */
  async label(id: string, y: number | readonly number[]): Promise<boolean> {
    try {
      await this.labelAll([{ id, label: y }]);
      return true;
    } catch (error) {
      if (error instanceof UnknownIdError) return false;
      throw error;
    }
  }

  /**
   * Learns samples that were predicted; all of them or, where one cannot be, none.
   * @returns how many samples were taken in; for the others there was no room, and they wait on.
   * @throws UnknownIdError if one of them does not wait; InputError if a label is none.
   */
  labelAll(late: readonly LateLabel[]): Promise<number> {
    return this.#gate.pass(() => this.#labelAll(late));
  }

  async #labelAll(late: readonly LateLabel[]): Promise<number> {
    const truth = this.#readTruth(late.map(({ label }) => label) as Labels, late.length);
    const waited = this.waiting.takeAll(late.map(({ id }) => id));
    const { batch } = this.learner.profile;
    const width = truth.length / late.length;
    const parts: Promise<number>[] = [];
    // Each is taken in, or dropped, as a whole: so it is known which samples were.
    for (let first = 0; first < waited.length; first += batch) {
      const some = waited.slice(first, first + batch);
      parts.push(
        this.#learnWaited(some, truth.subarray(first * width, (first + some.length) * width)),
      );
    }
    const learned = (await Promise.all(parts)).reduce((sum, count) => sum + count, 0);
    this.#count(late.length, learned);
    return learned;
  }

  /** Learns at most a batch of samples that waited; where there is no room for them they wait on. */
  async #learnWaited(
    waited: readonly WaitedSample[],
    truth: Int32Array | Float32Array,
  ): Promise<number> {
    const x = new Float32Array(waited.length * this.inputLength);
    for (const [index, sample] of waited.entries()) x.set(sample.x, index * this.inputLength);
    let learned = 0;
    try {
      learned = await this.learner.learn(x, truth);
    } finally {
      for (const [index, sample] of waited.entries()) {
        const { id, predicted } = sample;
        if (learned === 0) this.waiting.add(id, sample.x, predicted);
        else {
          const { length } = predicted;
          this.waiting.release(id);
          this.scores.add(truth.subarray(index * length, (index + 1) * length), predicted);
        }
      }
    }
    return learned;
  }

  /**
   * Predicts samples, for the scores, and learns them.
   * @returns how many samples were taken in; the others were dropped.
   * @throws InputError as `learner.learn`; then nothing of the call counts.
   */
  async learn(x: Samples, y: Labels | Targets): Promise<number> {
    return (await this.observe(x, y)).learned;
  }

  /** As `learn`. @returns what was predicted of them, too. */
  observe(x: Samples, y: Labels | Targets): Promise<Observation | RegressionObservation> {
    return this.#gate.pass(() => this.#observe(x, y));
  }

  async #observe(x: Samples, y: Labels | Targets): Promise<Observation | RegressionObservation> {
    const samples = readSamples(x, this.inputLength);
    const count = samples.length / this.inputLength;
    const truth = this.#readTruth(y, count);
    const observed = await this.learner.observe(samples, truth);
    this.scores.add(truth, "values" in observed ? observed.values : observed.labels);
    this.#count(count, observed.learned);
    return observed;
  }

  /** Folder of its checkpoints; undefined: none are written. */
  get state(): string | undefined {
    return this.#options.state;
  }

  /** Where a source stands; undefined: at its beginning. */
  positionOf(source: string): unknown {
    return this.#positions.get(source);
  }

  /**
   * To be called in the same turn in which the last message up to it was handed to the learner: the
   * next checkpoint then holds both or neither.
   */
  moveTo(source: string, position: unknown): void {
    this.#positions.set(source, position);
  }

  /** As `learner.replan`; of a budget that is a size, samples that wait for labels are part. */
  async replan(change: LearnerChange): Promise<void> {
    const { memoryBudget } = change;
    const given = { ...change, memoryBudget: withoutWaiting(memoryBudget, this.waiting) };
    if (memoryBudget === undefined) delete given.memoryBudget;
    await withWaiting(memoryBudget, this.waiting, () =>
      this.learner.replan(given as LearnerChange),
    );
    if (memoryBudget !== undefined) this.#budget = memoryBudget;
  }

  /** Writes a checkpoint. @returns the positions that it holds. */
  async save(): Promise<Positions> {
    if (this.#saver) return this.#saver();
    return (await this.beginSave()).written;
  }

  /**
   * How checkpoints are made from now on: what follows a source has to bring its messages to an end
   * before. Null: as before.
   */
  saveThrough(saver: (() => Promise<Positions>) | null): void {
    this.#saver = saver;
  }

  /** When this process wrote its last checkpoint, ms since 1970; null: it has written none. */
  get savedAt(): number | null {
    return this.#savedAt;
  }

  /** What was followed, if anything is, or was. */
  get followed(): FollowCounts | null {
    return this.#followed?.() ?? null;
  }

  /** Says from now on what was followed. */
  showFollowed(counts: () => FollowCounts): void {
    this.#followed = counts;
  }

  /**
   * Takes what a checkpoint holds, between two calls that teach the learner; others go on when it is
   * taken, while it is written.
   */
  async beginSave(): Promise<{ readonly written: Promise<Positions> }> {
    return this.#gate.alone(() => {
      const { state } = this.#options;
      const positions = Object.fromEntries(this.#positions);
      const attachment: Attachment = {
        positions,
        ...(this.#budget !== undefined && { memoryBudget: this.#budget }),
        waiting: this.waiting.save(),
        scores: this.scores.save(),
      };
      const saved =
        state === undefined ? Promise.resolve("") : this.learner.save(state, attachment);
      const written = saved.then(() => {
        if (state !== undefined) this.#savedAt = Date.now();
        return positions;
      });
      // Failures are met by who asked; until then nobody may call them unheard.
      written.catch(() => {});
      return { written };
    });
  }

  /**
   * Says that a request from outside has been handled, which may have changed what a checkpoint would hold.
   * What one that is under way brings after a checkpoint is told by that to the next.
   */
  countRequest(): void {
    this.#requests += 1;
  }

  /** Changes with what a checkpoint would hold anew; of what is followed its own checkpoints take care. */
  get progress(): string {
    const { learner, counts, waiting } = this;
    const all = [counts, waiting.count, learner.memoryBudget, learner.plan.arrivalInterval];
    return JSON.stringify(this.#saver ? this.#requests : all);
  }

  /** Learns what was taken in, and releases everything. */
  async close(): Promise<void> {
    await this.learner.finish();
    await this.learner.dispose();
    this.#lock?.release();
  }

  /** Labels, [count], or targets, [count, outputs]. */
  #readTruth(y: Labels | Targets, count: number): Int32Array | Float32Array {
    const { model } = this.learner;
    return isOfValues(model)
      ? readTargets(y as Targets, count, model.classes)
      : readLabels(y as Labels, count, model.classes);
  }

  #count(offered: number, taken: number): void {
    const { predicted, learned, dropped } = this.#counts;
    this.#counts = { predicted, learned: learned + taken, dropped: dropped + offered - taken };
  }
}

/** Every option, which the compiler holds to `ServiceOptions`. */
const optionNames = Object.keys({
  learner: 0,
  state: 0,
  waitingBytes: 0,
  waitingTime: 0,
  window: 0,
  batchWait: 0,
} satisfies Record<keyof ServiceOptions, 0>);

const lengthOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

const isOfValues = ({ loss }: { readonly loss?: unknown }) => loss === "meanSquaredError";

function readLimits(
  { waitingBytes, waitingTime = 600_000 }: ServiceOptions,
  rowLength: number,
): WaitingLimits {
  return {
    bytes:
      waitingBytes === undefined
        ? Math.min(2 ** 25, Math.max(2 ** 20, 16 * (4 * rowLength + 256)))
        : readBytes(waitingBytes, "waitingBytes"),
    time: readDuration(waitingTime, "waitingTime"),
  };
}

/** What a budget leaves for the learner. */
/** Says what a budget would have to be with the samples that wait, as it was asked for with them. */
async function withWaiting<Result>(
  budget: Budget,
  { plannedBytes }: WaitingSamples,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isSize = typeof budget === "number" || (typeof budget === "string" && /\d/.test(budget));
    if (!(error instanceof BudgetError && isSize)) throw error;
    const least = error.least + plannedBytes;
    throw new InputError(
      `Expected at least ${least} bytes (${formatBytes(least)}) for memoryBudget, ${formatBytes(plannedBytes)} of them ` +
        `for samples that wait for labels, but received ${JSON.stringify(budget)}; raise it, lower waitingBytes, or let ` +
        "items come further apart",
      { cause: error },
    );
  }
}

function withoutWaiting(budget: Budget, { plannedBytes }: WaitingSamples): Budget {
  if (budget === null || budget === undefined) return budget;
  if (namedBudgets.some((name) => name === budget)) return budget;
  const bytes = readBytes(budget, `memoryBudget (or ${namedBudgets.join(", ")})`);
  if (bytes > plannedBytes) return bytes - plannedBytes;
  throw new InputError(
    `Expected a memoryBudget above the ${plannedBytes} bytes of samples that wait for labels but received ` +
      `${bytes}; raise it, or lower waitingBytes`,
  );
}

/** Of a learner's options those that may change when a checkpoint is opened. */
function mayChange(options: LearnerOptions | RegressorOptions) {
  const { arrivalInterval, clock, whenBusy, compensation, runtime, timing, objective } = options;
  const { plan, onWarning, algorithm, loss } = options;
  const isModule = typeof algorithm === "object" || /[#/]/.test(algorithm ?? "");
  const given = {
    arrivalInterval,
    clock,
    whenBusy,
    compensation,
    runtime,
    timing,
    objective,
    plan,
    onWarning,
    loss,
    algorithm: isModule ? algorithm : undefined,
  };
  return given as Parameters<typeof openLearner>[1];
}
