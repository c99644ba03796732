import type { Layer, ParameterTensor } from "../layer.js";
import type { Model } from "../spec.js";

/** How a file may hold one parameter tensor. */
export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  /** The shape to read it in and the order of its axes that gives ours; none: as it is. */
  readonly layout?: { readonly shape: readonly number[]; readonly axes: readonly number[] };
}

/** A model's parameter tensors in order, as Keras names them: `layer/kernel`. */
export function kerasSlots(model: Model): Slot[] {
  return model.layers.flatMap((layer) => layer.parameters);
}

const torchNames: Readonly<Record<string, string>> = {
  kernel: "weight",
  depthwise_kernel: "weight",
  gamma: "weight",
  bias: "bias",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

/**
 * The same as PyTorch names and lays them out: `layer.weight`, convolutions [out, in, height,
 * width], matrices [out, in], whose rows behind a flattened image go channel by channel.
 */
export function torchSlots(model: Model): Slot[] {
  return model.layers.flatMap((layer, index) => {
    const before = model.layers[index - 1];
    return layer.parameters.map((tensor) => torchSlot(tensor, before));
  });
}

function torchSlot({ name, shape }: ParameterTensor, before: Layer | undefined): Slot {
  const slash = name.lastIndexOf("/");
  const kind = name.slice(slash + 1);
  const torchName = `${name.slice(0, slash)}.${torchNames[kind] ?? kind}`;
  const place = (axes: number[], from: readonly number[]): Slot => ({
    name: torchName,
    shape: from,
    layout: { shape: from, axes },
  });
  const [first, second, third, fourth] = shape as [number, number, number, number];
  if (kind === "depthwise_kernel") return place([2, 3, 0, 1], [third, fourth, first, second]);
  if (shape.length === 4) return place([2, 3, 1, 0], [fourth, third, first, second]);
  if (shape.length !== 2) return { name: torchName, shape };
  const image = before?.configuration.kind === "flatten" ? before.inputShape : [];
  if (image.length !== 3) return place([1, 0], [second, first]);
  const [height, width, channels] = image as [number, number, number];
  return {
    name: torchName,
    shape: [second, first],
    layout: { shape: [second, channels, height, width], axes: [2, 3, 1, 0] },
  };
}
