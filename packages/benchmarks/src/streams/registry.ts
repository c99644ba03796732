import type { Dataset } from "../datasets/contract.js";
import { InputError, nearestName } from "../errors.js";
import type { Order, Ordered, Stream } from "./contract.js";
import { given } from "./given.js";
import { gradual } from "./gradual.js";
import { iid } from "./iid.js";
import { permuted } from "./permuted.js";
import { recurring } from "./recurring.js";
import { rotating } from "./rotating.js";
import type { SavedScaling, Scale } from "./saved-scaling.js";
import { scalingOf } from "./scaling.js";
import { split } from "./split.js";

/** Orders by name; one row an order. */
const orders: Readonly<Record<string, Order>> = {
  iid,
  given,
  split,
  gradual,
  recurring,
  permuted,
  rotating,
};

export const orderNames: readonly string[] = Object.keys(orders);

/** How a data set's training split becomes a stream. */
export interface StreamOptions {
  /** One of `orderNames`. */
  readonly order: string;
  /** Samples of an item. */
  readonly batch: number;
  /** How many times the stream may go over the samples; default 1. */
  readonly passes?: number | undefined;
  /** Number of items, no more than the passes fill; null: as many as they fill. */
  readonly items?: number | null | undefined;
  /** The most where `items` says nothing. */
  readonly mostItems?: number | null | undefined;
  /** Items that are left out at the beginning, in the orders iid and given; default 0. */
  readonly skipItems?: number | undefined;
  readonly seed: number;
  /** How measured features are scaled; default: in the order `given` running, otherwise by file. */
  readonly scale?: Scale | null | undefined;
  /**
   * For a model that continues to learn: how its inputs were scaled; default: as the data set says.
   */
  readonly savedScaling?: SavedScaling | undefined;
}

/**
 * The stream of a data set's training split in an order.
 *
 * With `skipItems` it begins later: item 0 is the first one after those, and `items` counts from
 * there.
 *
 * @throws InputError for an unknown order, sizes that are not positive integers, an order or
 *   a scale that the data set does not allow, and more items than the passes fill.
 */
export function createStream(dataset: Dataset, options: StreamOptions): Stream {
  const { order: name, batch, seed, passes = 1 } = options;
  const { skipItems = 0 } = options;
  const items = options.items ?? undefined;
  const mostItems = options.mostItems ?? undefined;
  const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
  if (!order) {
    const nearest = nearestName(name, orderNames);
    throw new InputError(
      `Expected one of ${orderNames.join(", ")} for the order but received "${name}"` +
        (nearest ? `; did you mean "${nearest}"?` : ""),
    );
  }
  checkInteger(batch, "batch", 1);
  checkInteger(passes, "passes", 1);
  if (items !== undefined) checkInteger(items, "items", 1);
  checkSkipped(skipItems, name);
  checkInteger(seed, "seed", Number.MIN_SAFE_INTEGER);
  const scaling = scalingOf(
    dataset.train,
    name,
    options.scale ?? undefined,
    options.savedScaling ?? dataset.savedScaling,
    (item) =>
      dataset.onNotice?.(
        `Item ${item} of ${dataset.name} has a value more than 10 standard deviations from ` +
          "what came before; such values enter the running mean and deviation as if they were " +
          "exactly that far away",
      ),
  );
  if (
    scaling.scale === "file" &&
    !(options.savedScaling ?? dataset.savedScaling) &&
    dataset.farValue
  )
    dataset.onNotice?.(dataset.farValue);
  const behind = (count: number | undefined) => (count === undefined ? count : skipItems + count);
  const ordered = skipping(
    order(scaling.data, {
      batch,
      items: behind(items),
      mostItems: behind(mostItems),
      passes,
      skipped: skipItems,
      seed,
    }),
    skipItems,
  );
  return {
    ...ordered,
    scale: scaling.scale,
    present: (data) => scaling.present(data),
    saveScaling: () => scaling.save(),
    readItem(k, x, labels) {
      if (k >= 0 && k < ordered.itemCount) scaling.seek(k, ordered);
      ordered.readItem(k, x, labels);
    },
  };
}

/** @throws InputError for an order whose items depend on how many there are. */
function checkSkipped(skipItems: number, order: string): void {
  if (skipItems === 0) return;
  checkInteger(skipItems, "skipItems", 1);
  if (continuing.includes(order)) return;
  throw new InputError(
    `Expected the order ${continuing.join(" or ")} with --skip-items but received "${order}", ` +
      "whose items depend on how many there are; leave --skip-items out",
  );
}

/** Orders in which an item is the same however long the stream is. */
const continuing: readonly string[] = ["iid", "given"];

/** The stream after its first items. */
function skipping(ordered: Ordered, skipItems: number): Ordered {
  if (skipItems === 0) return ordered;
  const { itemCount, sampleAt, readItem, ...same } = ordered;
  return {
    ...same,
    itemCount: itemCount - skipItems,
    sampleAt: (item, place) => sampleAt(skipItems + item, place),
    readItem(k, x, labels) {
      if (!(k >= 0))
        throw new RangeError(
          `Expected an item from 0 to ${itemCount - skipItems - 1} but received ${k}`,
        );
      readItem(skipItems + k, x, labels);
    },
  };
}

function checkInteger(value: number, name: string, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new InputError(
      `Expected ${least === 1 ? "a positive" : "an"} integer for ${name} but received ${value} of ` +
        `type ${typeof value}`,
    );
}
