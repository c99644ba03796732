import type { Gate } from "./gate.js";
import type { SavedScores } from "./scores/contract.js";
import type { ServedLearner } from "./served-learner.js";
import type { Budget } from "./waiting-budget.js";
import type { SavedSamples } from "./waiting-samples.js";

/** Where each source stands, by its name. */
export type Positions = Readonly<Record<string, unknown>>;

/** What a checkpoint keeps beside the learner. */
export interface Attachment {
  /** Where each source stands, by its name: everything up to it has been taken in. */
  readonly positions: Positions;
  /** As it was asked for, with samples that wait if it is a size. */
  readonly memoryBudget?: Budget;
  readonly waiting?: SavedSamples;
  readonly scores?: SavedScores;
}

/** What a service's checkpoints are made of. */
interface Saved {
  readonly learner: ServedLearner;
  /** Folder; undefined: none are written. */
  readonly state: string | undefined;
  /** What teaches the learner passes it. */
  readonly gate: Gate;
  /** Where sources stand at the beginning. */
  readonly positions: Positions | undefined;
  /** What is saved with the learner and the positions, as it is now. */
  beside(): Omit<Attachment, "positions">;
}

/** Writes the checkpoints of a service, and knows where each of its sources stands. */
export class Checkpoints {
  /** How they are made while something is followed; null: as `begin` does. */
  saver: (() => Promise<Positions>) | null = null;
  readonly #saved: Saved;
  readonly #positions: Map<string, unknown>;
  #savedAt: number | null = null;

  constructor(saved: Saved) {
    this.#saved = saved;
    this.#positions = new Map(Object.entries(saved.positions ?? {}));
  }

  positionOf(source: string): unknown {
    return this.#positions.get(source);
  }

  moveTo(source: string, position: unknown): void {
    this.#positions.set(source, position);
  }

  /** When the last was written, ms since 1970; null: none was. */
  get savedAt(): number | null {
    return this.#savedAt;
  }

  /** Writes one. @returns the positions that it holds. */
  async save(): Promise<Positions> {
    if (this.saver) return this.saver();
    return (await this.begin()).written;
  }

  /**
   * Takes what a checkpoint holds, between two calls that teach the learner; others go on when it is
   * taken, while it is written.
   */
  begin(): Promise<{ readonly written: Promise<Positions> }> {
    const { gate, learner, state, beside } = this.#saved;
    return gate.alone(() => {
      const positions = Object.fromEntries(this.#positions);
      const attachment: Attachment = { positions, ...beside() };
      const saved = state === undefined ? Promise.resolve("") : learner.save(state, attachment);
      const written = saved.then(() => {
        if (state !== undefined) this.#savedAt = Date.now();
        return positions;
      });
      // Failures are met by who asked; until then nobody may call them unheard.
      written.catch(() => {});
      return { written };
    });
  }
}
