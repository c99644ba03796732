import { InputError } from "../errors.js";

/** What a stream is asked to be long. */
export interface Length {
  /** Samples of an item. */
  readonly batch: number;
  /** Times that the stream may go over the samples. */
  readonly passes: number;
  /** Number of items; undefined: as many as the passes fill, but no more than `mostItems`. */
  readonly items: number | undefined;
  readonly mostItems: number | undefined;
}

/** Whole items that so many samples fill in a number of passes. */
export function wholeItems(samples: number, { batch, passes }: Length): number {
  return Math.floor((passes * samples) / batch);
}

/**
 * Items of a stream, no more than the passes fill: scores are worth less where samples come again
 * that were learned before, so a stream never repeats by itself.
 *
 * @param fill items that the passes fill in this order.
 * @param samples that the data has.
 * @throws InputError where more items are asked for, or the passes fill none.
 */
export function itemCount(fill: number, samples: number, length: Length): number {
  const { batch, passes, items, mostItems = Number.POSITIVE_INFINITY } = length;
  const over = passes === 1 ? "one pass" : `${passes} passes`;
  if (fill < 1)
    throw new InputError(
      `Expected samples for an item of ${batch} in ${over} over ${samples} samples but they fill ` +
        "none; give a smaller --batch, or more --passes",
    );
  if (items === undefined) return Math.min(fill, mostItems);
  if (items <= fill) return items;
  const enough = Math.ceil((passes * items) / fill);
  throw new InputError(
    `Expected at most ${fill} for --items, what ${over} over ${samples} samples fill in items of ` +
      `${batch}, but received ${items}; let samples come again with --passes ${enough}`,
  );
}
