import { InputError } from "../errors.js";

/** The requested length of a stream. */
export interface Length {
  /** Samples of an item. */
  readonly batch: number;
  /** How many times the stream may go over the samples. */
  readonly passes: number;
  /** Number of items; undefined: as many as the passes fill, but no more than `mostItems`. */
  readonly items: number | undefined;
  readonly mostItems: number | undefined;
  /** Items at the beginning, counted in both, that are left out; default 0. */
  readonly skipped?: number;
}

/** Whole items that a number of samples fill in a number of passes. */
export function wholeItems(
  samples: number,
  { batch, passes }: Pick<Length, "batch" | "passes">,
): number {
  return Math.floor((passes * samples) / batch);
}

/**
 * Items of a stream, no more than the passes fill: scores are worth less where samples come again
 * that were learned before, so a stream never repeats by itself.
 *
 * @param counts samples of each group that fills whole items by itself.
 * @throws InputError where more items are asked for, or the passes fill none.
 */
export function itemCount(counts: readonly number[], length: Length): number {
  const { batch, passes, items, mostItems = Number.POSITIVE_INFINITY, skipped = 0 } = length;
  const samples = counts.reduce((total, count) => total + count, 0);
  const fillOf = (times: number) =>
    counts.reduce((total, count) => total + wholeItems(count, { batch, passes: times }), 0);
  const fill = fillOf(passes);
  const over = passes === 1 ? "one pass" : `${passes} passes`;
  if (fill < 1)
    throw new InputError(
      `Expected enough samples for an item of ${batch} in ${over} over ${samples} samples but ` +
        "they do not fill one; give a smaller --batch, or more --passes",
    );
  if (skipped >= fill)
    throw new InputError(
      `Expected fewer than ${fill} for --skip-items, the items of ${batch} that ${over} over ` +
        `${samples} samples can fill, but received ${skipped}; skip fewer, or let samples come ` +
        "again with --passes " +
        `${leastPasses(fillOf, skipped + 1, passes, passes * Math.ceil((skipped + 1) / fill))}`,
    );
  if (items === undefined) return Math.min(fill, mostItems);
  if (items <= fill) return items;
  const enough = leastPasses(fillOf, items, passes, passes * Math.ceil(items / fill));
  throw new InputError(
    `Expected at most ${fill - skipped} for --items, the items of ${batch} that ${over} over ` +
      `${samples} samples can fill${skipped > 0 ? ` after the ${skipped} skipped` : ""}, ` +
      `but received ${items - skipped}; let samples come again with --passes ${enough}`,
  );
}

/**
 * The fewest passes that fill that many items, by halving: more than `few`, and `many` fill them.
 */
function leastPasses(
  fillOf: (passes: number) => number,
  items: number,
  few: number,
  many: number,
): number {
  let [below, enough] = [few, many];
  while (enough - below > 1) {
    const middle = Math.floor((below + enough) / 2);
    if (fillOf(middle) < items) below = middle;
    else enough = middle;
  }
  return enough;
}
