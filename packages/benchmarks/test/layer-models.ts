import { layerKindNames, type ModelSpecification, parseModel } from "@ferret-ocl/pipeline";
import { tiny } from "./tiny-images.js";

/** A Keras layer of a specification. */
interface Entry {
  class_name: string;
  config: Record<string, unknown>;
}

/** Settings without which a kind of layer is none; a kind that needs none has no row. */
const settings: Readonly<Record<string, Record<string, unknown>>> = {
  Dense: { units: 6 },
  Conv2D: { filters: 3, kernel_size: [3, 3] },
  DepthwiseConv2D: { kernel_size: [3, 3] },
  SeparableConv2D: { filters: 3, kernel_size: [2, 2], padding: "same" },
  Activation: { activation: "relu" },
  Dropout: { rate: 0.5 },
  GroupNormalization: { groups: 1 },
};

const layer = (kind: string): Entry => ({ class_name: kind, config: settings[kind] ?? {} });
const logits: Entry = { class_name: "Dense", config: { units: tiny.train.classes } };
const batch_input_shape = [null, ...tiny.train.inputShape];

/** A chain of layers on the tiny images, named by their places. */
function sequence(name: string, entries: readonly Entry[]): ModelSpecification {
  const layers = [{ class_name: "InputLayer", config: { batch_input_shape } }, ...entries];
  const named = layers.map(({ class_name, config }, place) => ({
    class_name,
    config: { ...config, name: `layer${place}` },
  }));
  return { class_name: "Sequential", config: { name, layers: named } };
}

/** Axes of a sample behind these layers, 3 or 1; null where one does not fit behind another. */
function rankBehind(entries: readonly Entry[]): number | null {
  try {
    const { layers } = parseModel(sequence("trial", [...entries, layer("Flatten"), logits]));
    return layers.at(-2)?.inputShape.length ?? null;
  } catch {
    return null;
  }
}

/**
 * Models around one kind of layer: on an image and behind a convolution, on a vector and behind a
 * dense layer, wherever the kind can stand.
 */
function aroundKind(kind: string): [string, ModelSpecification][] {
  const onImages = [layer(kind), layer("Conv2D"), layer(kind)];
  const last = [layer("Conv2D"), layer(kind)];
  const onVectors = [layer("Flatten"), layer(kind), layer("Dense"), layer(kind)];
  const image = [onImages, last].find((entries) => rankBehind(entries) !== null);
  const found: [string, ModelSpecification][] = [];
  if (image)
    found.push([
      `${kind} on images`,
      sequence(`${kind}-images`, [...image, layer("Flatten"), logits]),
    ]);
  if (rankBehind(onVectors) !== null)
    found.push([`${kind} on vectors`, sequence(`${kind}-vectors`, [...onVectors, logits])]);
  if (found.length === 0)
    throw new Error(`Expected settings for the layer ${kind}; add a row to layer-models.ts`);
  return found;
}

/** A residual block, on images or on vectors, with layers in its main path. */
function residual(name: string, before: string, main: readonly Entry[]): ModelSpecification {
  const chain = [layer(before), ...main];
  const layers = [{ class_name: "InputLayer", config: { batch_input_shape } }, ...chain].map(
    ({ class_name, config }, place) => ({
      class_name,
      name: `layer${place}`,
      config: { ...config, name: `layer${place}` },
      inbound_nodes: place === 0 ? [] : [[[`layer${place - 1}`, 0, 0, {}]]],
    }),
  );
  const follow = (entry: Entry, from: readonly string[]) => {
    const name = `layer${layers.length}`;
    const inbound_nodes = [from.map((source) => [source, 0, 0, {}] as const)];
    layers.push({ ...entry, name, config: { ...entry.config, name }, inbound_nodes } as never);
    return name;
  };
  const sum = follow(layer("Add"), [`layer${chain.length}`, "layer1"]);
  const end = follow(logits, [follow(layer("Flatten"), [sum])]);
  const ends = { input_layers: [["layer0", 0, 0]], output_layers: [[end, 0, 0]] };
  return { class_name: "Functional", config: { name, layers, ...ends } } as ModelSpecification;
}

const same = { class_name: "DepthwiseConv2D", config: { kernel_size: [3, 3], padding: "same" } };

/** By name: a model or two for every kind of layer that the pipeline package knows. */
export const layerModels: Readonly<Record<string, ModelSpecification>> = Object.fromEntries([
  ...layerKindNames.flatMap(aroundKind),
  [
    "ZeroPadding2D",
    sequence("padded", [layer("ZeroPadding2D"), layer("Conv2D"), layer("Flatten"), logits]),
  ],
  ["Add on images", residual("Add-images", "Conv2D", [layer("BatchNormalization"), same])],
  [
    "Add on vectors",
    residual("Add-vectors", "Flatten", [{ ...layer("Dense"), config: { units: 64 } }]),
  ],
]);

/** One model with every kind of layer that the pipeline package knows, images first. */
export function everyKind(): ModelSpecification {
  const images: Entry[] = [];
  for (const kind of layerKindNames)
    if (rankBehind([...images, layer(kind)]) === 3) images.push(layer(kind));
  const missing = layerKindNames.filter((kind) => !images.some((each) => each.class_name === kind));
  const vectors: Entry[] = missing
    .filter((kind) => rankBehind([...images, layer(kind)]) === 1)
    .map(layer);
  const chain = [...images, ...vectors];
  for (const kind of layerKindNames)
    if (rankBehind([...chain, layer(kind)]) === 1) chain.push(layer(kind));
  chain.push(logits);
  for (const kind of layerKindNames)
    if (!chain.some((each) => each.class_name === kind))
      throw new Error(`Expected ${kind} to fit into a model of every kind of layer`);
  return sequence("every-kind", chain);
}
