import { InputError } from "../../errors.js";
import type { Layer } from "../layer.js";
import type { Model } from "../spec.js";

/** An image whose values follow one another; null: they are in one order everywhere. */
export type FlattenedImage = readonly [height: number, width: number, channels: number] | null;

/** Which image the values at a layer's input and output come from, where both are flat. */
export interface LayerOrders {
  readonly input: FlattenedImage;
  readonly output: FlattenedImage;
}

/** The order of one flat vector, once known; those that are added value by value share one. */
interface Order {
  same: Order | null;
  image: FlattenedImage | undefined;
}

/**
 * PyTorch flattens an image channel by channel, Keras place by place. From there on the two
 * frameworks hold the same values in two orders: through activations and normalisations, over the
 * shortcut of a residual block (so that a dense layer beside it must give its outputs in that order
 * too), up to dense layers whose outputs are free.
 *
 * @returns the orders at every layer without a chain of its own, those inside blocks too.
 * @throws InputError where two orders meet in a sum, or one reaches the logits.
 */
export function findOrders(model: Model): Map<Layer, LayerOrders> {
  const found = new Map<Layer, { input: Order | null; output: Order | null }>();
  const walk = (layers: readonly Layer[], start: Order | null): Order | null => {
    let at = start;
    for (const layer of layers) {
      const input = at;
      const { configuration, inputShape, name } = layer;
      if (configuration.kind === "residual") {
        const [main, shortcut] = [configuration.main, configuration.shortcut];
        const ends = [walk(main, input), walk(shortcut, input)];
        at = unite(ends[0] ?? null, ends[1] ?? null, `the sum ${name}`);
        continue;
      }
      if (configuration.kind === "flatten") at = at ?? known(orderOf(inputShape));
      else if (configuration.kind === "globalAveragePooling2d") at = known(null);
      else if (configuration.kind === "dense") at = { same: null, image: undefined };
      found.set(layer, { input, output: at });
    }
    return at;
  };
  const end = walk(model.layers, model.inputShape.length === 1 ? known(null) : null);
  unite(end, known(null), "the logits");
  const image = (order: Order | null) => (order ? (root(order).image ?? null) : null);
  return new Map(
    [...found].map(([layer, { input, output }]) => [
      layer,
      { input: image(input), output: image(output) },
    ]),
  );
}

const known = (image: FlattenedImage): Order => ({ same: null, image });

/** Where there is one place or one channel only, both frameworks have one order. */
function orderOf(shape: readonly number[]): FlattenedImage {
  const [height, width, channels] = shape as [number, number, number];
  return height * width > 1 && channels > 1 ? [height, width, channels] : null;
}

function root(order: Order): Order {
  let at = order;
  while (at.same) at = at.same;
  return at;
}

function unite(first: Order | null, second: Order | null, where: string): Order | null {
  if (!first || !second) return first ?? second;
  const [one, other] = [root(first), root(second)];
  if (one === other) return one;
  if (one.image === undefined) {
    one.same = other;
    return other;
  }
  if (other.image !== undefined && String(one.image) !== String(other.image))
    throw new InputError(
      `Expected values in one order at ${where} but PyTorch has those of a flattened image there ` +
        "in another order than Keras; end the image in a dense layer, or save the weights in " +
        "Keras names",
    );
  other.same = one;
  return one;
}
