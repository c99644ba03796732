import type { Dataset } from "./datasets/contract.js";
import type { RunSetting } from "./setting.js";
import type { Stretch } from "./stretch.js";

/** Stretches that are saved with a model: the newest ones. */
const mostKept = 100;

/** The stretch that a run goes over with that many items. */
export function stretchOf(
  { name, train }: Dataset,
  { order, seed, batch, skipItems = 0 }: Pick<RunSetting, "order" | "seed" | "batch" | "skipItems">,
  items: number,
): Stretch {
  const from = skipItems * batch;
  return { dataset: name, train: train.count, order, seed, from, to: from + items * batch };
}

/** What a model has been taken over once a run has ended. */
export function withStretch(before: readonly Stretch[], now: Stretch): Stretch[] {
  return now.to > now.from ? [...before, now].slice(-mostKept) : [...before];
}

/** How many items of a stretch a model has met before, in the same data set, order and seed. */
export function itemsMetBefore(before: readonly Stretch[], now: Stretch, batch: number): number {
  const same = before.filter(
    ({ dataset, train, order, seed }) =>
      dataset === now.dataset && train === now.train && order === now.order && seed === now.seed,
  );
  let met = 0;
  for (let first = now.from; first < now.to; first += batch)
    if (same.some(({ from, to }) => from < first + batch && first < to)) met += 1;
  return met;
}
