import type {
  Labels,
  LearnerChange,
  Observation,
  RegressionObservation,
  Samples,
  Targets,
} from "@ferret-ocl/pipeline";
import { readLabels, readSamples, readTargets } from "@ferret-ocl/pipeline/engine";
import { type Attachment, Checkpoints, type Positions } from "./checkpoints.js";
import { expected, UnknownIdError } from "./errors.js";
import type { FollowCounts } from "./follow/contract.js";
import { Gate } from "./gate.js";
import {
  checkServiceOptions,
  isOfValues,
  lengthOf,
  type Opened,
  openParts,
} from "./open-service.js";
import { PredictionBatcher } from "./prediction-batcher.js";
import { ClassScores } from "./scores/class-scores.js";
import type { Scores } from "./scores/contract.js";
import { ValueScores } from "./scores/value-scores.js";
import type { ServedLearner } from "./served-learner.js";
import type {
  LateLabel,
  ServedPrediction,
  ServiceCounts,
  ServiceOptions,
} from "./service-contract.js";
import { StateLock } from "./state-lock.js";
import { type Budget, withoutWaiting, withWaiting } from "./waiting-budget.js";
import type { WaitedSample, WaitingSamples } from "./waiting-samples.js";

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
  /** Folder of its checkpoints; undefined: none are written. */
  readonly state: string | undefined;
  /** What teaches the learner passes; a checkpoint holds all of a call or nothing. */
  readonly #gate = new Gate();
  readonly #checkpoints: Checkpoints;
  readonly #lock: StateLock | null;
  #followed: (() => FollowCounts) | null = null;
  /** Requests from outside that have been handled. */
  #requests = 0;
  /** As it was asked for last. */
  #budget: Budget;
  #counts: ServiceCounts = { predicted: 0, learned: 0, dropped: 0 };

  private constructor(
    { learner, waiting, budget }: Opened,
    options: ServiceOptions,
    lock: StateLock | null,
  ) {
    const { window = 1000, batchWait = 2, state } = options;
    this.#budget = budget;
    this.#lock = lock;
    this.learner = learner;
    this.waiting = waiting;
    this.window = window;
    this.state = state;
    const { model, profile } = learner;
    this.inputLength = lengthOf(model.inputShape);
    this.scores = new (isOfValues(model) ? ValueScores : ClassScores)(model.classes, window);
    const shape = { inputLength: this.inputLength, width: model.classes };
    this.batcher = new PredictionBatcher(learner, shape, profile.batch, batchWait);
    const attachment = (learner.attachment ?? {}) as Partial<Attachment>;
    if (attachment.waiting) waiting.restore(attachment.waiting);
    if (attachment.scores) this.scores.restore(attachment.scores);
    this.#checkpoints = new Checkpoints({
      learner,
      state,
      gate: this.#gate,
      positions: attachment.positions,
      beside: () => ({
        ...(this.#budget !== undefined && { memoryBudget: this.#budget }),
        waiting: this.waiting.save(),
        scores: this.scores.save(),
      }),
    });
  }

  /**
   * Opens the checkpoint in `state`, or creates the learner where there is none.
   * @throws InputError where an option is wrong, or another one than the checkpoint was made with and
   *   cannot change, or no plan fits the budget.
   */
  static async open(options: ServiceOptions): Promise<Service> {
    const { state } = options;
    checkServiceOptions(options);
    const lock = state === undefined ? null : StateLock.take(state);
    try {
      return new Service(await openParts(options), options, lock);
    } catch (error) {
      lock?.release();
      throw error;
    }
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

  /** Where a source stands; undefined: at its beginning. */
  positionOf(source: string): unknown {
    return this.#checkpoints.positionOf(source);
  }

  /**
   * To be called in the same turn in which the last message up to it was handed to the learner: the
   * next checkpoint then holds both or neither.
   */
  moveTo(source: string, position: unknown): void {
    this.#checkpoints.moveTo(source, position);
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
  save(): Promise<Positions> {
    return this.#checkpoints.save();
  }

  /**
   * How checkpoints are made from now on: what follows a source has to bring its messages to an end
   * before. Null: as before.
   */
  saveThrough(saver: (() => Promise<Positions>) | null): void {
    this.#checkpoints.saver = saver;
  }

  /** When this process wrote its last checkpoint, ms since 1970; null: it has written none. */
  get savedAt(): number | null {
    return this.#checkpoints.savedAt;
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
  beginSave(): Promise<{ readonly written: Promise<Positions> }> {
    return this.#checkpoints.begin();
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
    return JSON.stringify(this.#checkpoints.saver ? this.#requests : all);
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
