import { BudgetError, formatBytes, namedBudgets, readBytes } from "@ferret-ocl/planner";
import { InputError } from "./errors.js";
import type { WaitingSamples } from "./waiting-samples.js";

/** Bytes, a size or a name; null and undefined: none. */
export type Budget = number | string | null | undefined;

/**
 * What a budget leaves for the learner.
 * @throws InputError where samples that wait for labels take all of it.
 */
export function withoutWaiting(budget: Budget, { plannedBytes }: WaitingSamples): Budget {
  if (budget === null || budget === undefined) return budget;
  if (namedBudgets.some((name) => name === budget)) return budget;
  const bytes = readBytes(budget, `memoryBudget (or ${namedBudgets.join(", ")})`);
  if (bytes > plannedBytes) return bytes - plannedBytes;
  throw new InputError(
    `Expected a memoryBudget above the ${plannedBytes} bytes of samples that wait for labels but received ` +
      `${bytes}; raise it, or lower waitingBytes`,
  );
}

/** Says what a budget would have to be with the samples that wait, as it was asked for with them. */
export async function withWaiting<Result>(
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
