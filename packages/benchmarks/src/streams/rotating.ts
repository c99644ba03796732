import type { LabelledData, RotatableData } from "../datasets/contract.js";
import { turnedImages } from "../datasets/turned-images.js";
import { InputError } from "../errors.js";
import type { Order } from "./contract.js";
import { itemCount } from "./item-count.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Word of the seed of this order. */
const word = 0x400;

/** Degrees that the samples have been turned by at the end of the stream. */
export const lastAngle = 180;

/**
 * A gradual drift: samples in random order as in `iid`, turned by an angle that grows evenly from 0
 * at the first sample to 180 degrees at the last. Late sixes look like early nines, so what was
 * learned has to be unlearned.
 *
 * @throws InputError for data that cannot be turned: neither images nor drawn.
 */
export const rotating: Order = (data, request) => {
  const { batch, seed } = request;
  const rotatable = asRotatable(data);
  const all = Uint32Array.from({ length: data.count }, (_, index) => index);
  const passes = new Passes(all, seed, word);
  const count = itemCount([data.count], request);
  const last = Math.max(count * batch - 1, 1);
  return sampledStream(data, {
    itemCount: count,
    batch,
    sample: (item, place) => passes.at(item * batch + place),
    read: (index, item, place, x, offset) =>
      rotatable.readRotated(index, (lastAngle * (item * batch + place)) / last, x, offset),
  });
};

function asRotatable(data: LabelledData): RotatableData {
  if ("readRotated" in data) return data as RotatableData;
  if (data.inputShape.length === 3) return turnedImages(data);
  throw new InputError(
    `Expected images for the order "rotating" but received samples of shape ` +
      `[${data.inputShape.join(", ")}]; choose the order "iid" or "split"`,
  );
}
