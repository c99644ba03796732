import type { Layer, ParameterTensor } from "../layer.js";
import type { Model } from "../spec.js";
import { type FlattenedImage, findOrders, type LayerOrders } from "./orders.js";

/** How a file may hold one parameter tensor. */
export interface Slot {
  readonly name: string;
  /** Another name of the same. */
  readonly alias?: string;
  readonly shape: readonly number[];
  /** The shape to read it in and the order of its axes that gives ours; none: as it is. */
  readonly layout?: { readonly shape: readonly number[]; readonly axes: readonly number[] };
  /** Whether no value may be below zero. */
  readonly isVariance: boolean;
}

const isVariance = (name: string) => name.endsWith("/moving_variance");

/** A model's parameter tensors in order, as Keras names them: `layer/kernel`. */
export function kerasSlots(model: Model): Slot[] {
  return model.layers
    .flatMap((layer) => layer.parameters)
    .map(({ name, shape }) => ({
      name,
      shape,
      isVariance: isVariance(name),
      // Keras 3 names it as that of any convolution.
      ...(name.endsWith("/depthwise_kernel")
        ? { alias: name.replace(/depthwise_kernel$/, "kernel") }
        : {}),
    }));
}

const torchNames: Readonly<Record<string, string>> = {
  kernel: "weight",
  depthwise_kernel: "weight",
  pointwise_kernel: "weight",
  gamma: "weight",
  bias: "bias",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

/**
 * The same as PyTorch names and lays them out: `layer.weight`, convolutions [out, in, height,
 * width], matrices [out, in]. What comes of a flattened image goes channel by channel there.
 */
export function torchSlots(model: Model): Slot[] {
  const orders = findOrders(model);
  return leaves(model.layers).flatMap((layer) =>
    layer.parameters.map((tensor) => ({
      isVariance: isVariance(tensor.name),
      ...torchSlot(tensor, layer.name, orders.get(layer) as LayerOrders),
    })),
  );
}

/** Layers that have parameters of their own, in the order of the parameters. */
function leaves(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => {
    const { configuration } = layer;
    if (configuration.kind !== "residual") return [layer];
    return leaves([...configuration.main, ...configuration.shortcut]);
  });
}

/** @param layer its name; parts of a layer, `sep_depthwise`, are modules in it, `sep.depthwise`. */
function torchSlot(
  { name, shape }: ParameterTensor,
  layer: string,
  { input, output }: LayerOrders,
): Omit<Slot, "isVariance"> {
  const slash = name.lastIndexOf("/");
  const kind = name.slice(slash + 1);
  const owner = name.slice(0, slash);
  const part = layer.startsWith(`${owner}_`) ? `.${layer.slice(owner.length + 1)}` : "";
  const torchName = `${owner}${part}.${torchNames[kind] ?? kind}`;
  const place = (axes: number[], from: readonly number[]) => ({
    name: torchName,
    shape: from,
    layout: { shape: from, axes },
  });
  const [first, second, third, fourth] = shape as [number, number, number, number];
  // PyTorch knows it as a convolution in as many groups as there are channels.
  if (kind === "depthwise_kernel")
    return {
      ...place([2, 3, 0, 1], [third, fourth, first, second]),
      shape: [third * fourth, 1, first, second],
    };
  if (shape.length === 4) return place([2, 3, 1, 0], [fourth, third, first, second]);
  const columns = flat(output, shape[shape.length - 1] as number);
  if (shape.length === 1) {
    if (columns.shape.length === 1) return { name: torchName, shape };
    return { name: torchName, shape, layout: columns };
  }
  const rows = flat(input, first);
  return {
    name: torchName,
    shape: [second, first],
    layout: {
      shape: [...columns.shape, ...rows.shape],
      axes: [...rows.axes.map((axis) => axis + columns.shape.length), ...columns.axes],
    },
  };
}

/** How a flat axis lies in PyTorch, and the order of its parts that gives ours. */
function flat(image: FlattenedImage, length: number) {
  if (!image) return { shape: [length], axes: [0] };
  const [height, width, channels] = image;
  return { shape: [channels, height, width], axes: [1, 2, 0] };
}
