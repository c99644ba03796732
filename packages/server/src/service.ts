import { existsSync, readdirSync } from "node:fs";
import {
  createLearner,
  type Labels,
  type Learner,
  type LearnerChange,
  type LearnerOptions,
  openLearner,
  type Samples,
} from "@ferret-ocl/pipeline";
import { WaitingSamples } from "./waiting-samples.js";

/** How a service keeps its learner, and what it keeps beside it. */
export interface ServiceOptions {
  /** What the learner is; where `state` holds a checkpoint, its budget, pace and clock may differ. */
  readonly learner: LearnerOptions;
  /** Folder of checkpoints; default: none are written. */
  readonly state?: string;
  /** Bytes of samples that wait for their labels, in the memory budget; default 1 MiB. */
  readonly waitingBytes?: number;
  /** Milliseconds that they wait; default 10 minutes. */
  readonly waitingTime?: number;
}

/** A prediction that a label may follow. */
export interface ServedPrediction {
  readonly id: string;
  readonly label: number;
  /** [classes] */
  readonly probabilities: Float32Array;
}

/** What a checkpoint keeps beside the learner. */
interface Attachment {
  /** Where each source stands, by its name: everything up to it has been taken in. */
  readonly positions: Readonly<Record<string, unknown>>;
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
  readonly learner: Learner;
  readonly #options: ServiceOptions;
  readonly #waiting: WaitingSamples;
  readonly #positions = new Map<string, unknown>();

  private constructor(learner: Learner, options: ServiceOptions) {
    this.learner = learner;
    this.#options = options;
    this.#waiting = new WaitingSamples(options);
    const attachment = learner.attachment as Attachment | undefined;
    for (const [name, position] of Object.entries(attachment?.positions ?? {}))
      this.#positions.set(name, position);
  }

  /** Opens the checkpoint in `state`, or creates the learner where there is none. */
  static async open(options: ServiceOptions): Promise<Service> {
    const { learner, state } = options;
    if (state === undefined || !existsSync(state) || readdirSync(state).length === 0)
      return new Service(await createLearner(learner), options);
    const { memoryBudget, arrivalInterval, clock, whenBusy } = learner;
    const given = { memoryBudget, arrivalInterval, clock, whenBusy };
    return new Service(await openLearner(state, given), options);
  }

  /**
   * Predicts one sample, which waits for its label under the id, from this turn on: a `moveTo` in the
   * same turn holds both.
   * @param id default: a new one.
   */
  async predict(x: Samples, id?: string): Promise<ServedPrediction> {
    const waitsAs = this.#waiting.add(Float32Array.from(x as Float32Array), id);
    try {
      const { label, probabilities } = await this.learner.predict(x);
      return { id: waitsAs, label, probabilities };
    } catch (error) {
      this.#waiting.take(waitsAs);
      throw error;
    }
  }

  /** Whether a sample waits for its label under the id. */
  isWaiting(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Learns a sample that was predicted. */
  async label(id: string, y: Labels): Promise<boolean> {
    const x = this.#waiting.take(id);
    if (x === undefined) return false;
    await this.learner.learn(x, y);
    return true;
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

  replan(change: LearnerChange): Promise<void> {
    return this.learner.replan(change);
  }

  /** Writes a checkpoint. @returns the positions that it holds. */
  async save(): Promise<Readonly<Record<string, unknown>>> {
    const { state } = this.#options;
    const positions = Object.fromEntries(this.#positions);
    if (state !== undefined) await this.learner.save(state, { positions } satisfies Attachment);
    return positions;
  }

  async close(): Promise<void> {
    await this.learner.finish();
    await this.learner.dispose();
  }
}
