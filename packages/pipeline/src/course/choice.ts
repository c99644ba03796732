import type { MemoryCategory } from "@ferret-ocl/planner";
import type { Batch } from "../execute/algorithm.js";
import type { Memory } from "../memory/memory.js";
import type { Model } from "../model/spec.js";
import type { WaitingItems } from "./waiting-items.js";

/** Chooses what is learned of the items that wait. */
export interface Choice {
  /**
   * Brings the samples of so many items to the front.
   * @param count at least 1, at most as many items as wait.
   */
  choose(waiting: WaitingItems, count: number): void;
  /** Items that are let go of with the chosen ones, in the front too; default: those alone. */
  readonly usesUpAll?: boolean;
  /** Milliseconds that choosing among so many items takes; default 0: no time worth counting. */
  choosingTime?(waiting: number, count: number): number;
  /** What each of the chosen samples counts for in the loss; only of a rule that `weighs`. */
  readonly weights?: Float32Array;
}

/** What a choice may compute with. */
export interface ChoiceContext {
  readonly model: Model;
  /** Samples of an item. */
  readonly batch: number;
  /** Items that wait at the most. */
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
  /** Whether it asks the model, and so on threads takes working space of its own. */
  readonly asksModel?: boolean;
  /** Bytes that it takes of the memory, by category. */
  bytes?(
    context: Pick<ChoiceContext, "model" | "batch" | "waiting">,
  ): Partial<Record<MemoryCategory, number>>;
  /** Makes what applies the rule, in memory of the run. */
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
