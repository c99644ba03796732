import type { MemoryCategory } from "@ferret-ocl/planner";
import type { Batch } from "../execute/algorithm.js";
import type { Memory } from "../memory/memory.js";
import type { Model } from "../model/spec.js";
import type { WaitingItems } from "./waiting-items.js";

/** Chooses which of the waiting items are learned. */
export interface Choice {
  /**
   * Brings the samples of `count` items to the front.
   * @param count at least 1, at most the number of waiting items.
   */
  choose(waiting: WaitingItems, count: number): void;
  /** Items that are removed with the chosen ones, also at the front; default: only those chosen. */
  readonly usesUpAll?: boolean;
  /**
   * Milliseconds that choosing among a number of items takes; default 0: no time worth counting.
   */
  choosingTime?(waiting: number, count: number): number;
  /** The weight of each chosen sample in the loss; only for a rule that `weighs`. */
  readonly weights?: Float32Array;
}

/** What a choice may compute with. */
export interface ChoiceContext {
  readonly model: Model;
  /** Samples of an item. */
  readonly batch: number;
  /** The most items that wait. */
  readonly waiting: number;
  readonly memory: Memory;
  /**
   * size x classes logits by the newest weights, in a buffer that the next call overwrites; only
   * for a rule that `asksModel`.
   */
  logits(item: Batch): Float32Array;
}

/** How choices are made, in one run or another. */
export interface ChoiceRule {
  /** Whether the samples that are chosen have weights. */
  readonly weighs?: boolean;
  /** Whether it asks the model, and so needs separate working space on threads. */
  readonly asksModel?: boolean;
  /** Bytes that it takes of the memory, by category. */
  bytes?(
    context: Pick<ChoiceContext, "model" | "batch" | "waiting">,
  ): Partial<Record<MemoryCategory, number>>;
  /** Creates the choice that applies the rule, in memory of the run. */
  create(context: ChoiceContext): Choice;
}

/** The items that came last, the newest first (Last-N). */
export const newest: ChoiceRule = {
  create: () => ({
    choose(waiting, count) {
      for (let place = 0; place < count; place++) {
        let latest = place;
        for (let other = place + 1; other < waiting.size; other++)
          if (waiting.arrival(other) > waiting.arrival(latest)) latest = other;
        waiting.exchange(place, latest);
      }
    },
  }),
};

/**
 * Items drawn at random without replacement (Random-N).
 * @param below draws a whole number from 0 to below a limit.
 */
export function drawn(below: (limit: number) => number): ChoiceRule {
  return {
    create: () => ({
      choose(waiting, count) {
        for (let place = 0; place < count; place++)
          waiting.exchange(place, place + below(waiting.size - place));
      },
    }),
  };
}
