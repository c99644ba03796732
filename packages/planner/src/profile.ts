import {
  checkAmount,
  checkArray,
  checkBoolean,
  checkFields,
  checkObject,
  checkOneOf,
  checkParsed,
  checkPositive,
  checkString,
  checkWhole,
} from "./check.js";
import { expected } from "./errors.js";

/**
 * What one layer costs. Times are milliseconds on one learn batch, bytes are whole numbers.
 *
 * "Inner" is what a layer saves for its backward pass when another layer of its stage follows,
 * "last" what it saves when it ends its stage (its output is then in the boundary buffer).
 */
export interface LayerProfile {
  readonly name: string;
  /** t̂^f of the paper, ms. */
  readonly forwardTime: number;
  /** t̂^b of the paper, ms. */
  readonly backwardTime: number;
  /** |w| of the layer: 4 bytes per parameter. */
  readonly parameterBytes: number;
  /** |â| of the paper: bytes of the layer's output. Only the paper's memory model reads it. */
  readonly activationBytes: number;
  /** Output as it crosses a stage boundary, learn batch. */
  readonly outputBytes: number;
  /** The same at the item batch: buffers of the prediction pass. */
  readonly predictionBytes: number;
  /** Saved for the backward pass when another layer of its stage follows. */
  readonly innerBytes: number;
  /** Saved for the backward pass when the layer ends its stage. */
  readonly lastBytes: number;
  /** The larger of the gradients at its input and output. */
  readonly gradientBytes: number;
  /** Working space that the layer's kernels need besides. */
  readonly scratchBytes: number;
  /**
   * By compensation: ms that its repair of one late gradient takes at the layer, including what it
   * learns from the gradient and the step that it makes. 0 for one that is not named.
   */
  readonly compensationTimes?: Readonly<Record<string, number>>;
  // The rest is only for schedules that compute the gradients at a stage's input and at its
  // parameters in separate passes. Ferret's does not.
  /** Gradient at the input alone, ms. */
  readonly backwardInputTime?: number;
  /** Gradients at the parameters alone, ms. */
  readonly backwardWeightsTime?: number;
  /** Bytes that are kept from the first of these passes to the second. */
  readonly pendingBytes?: number;
  /** Bytes that are kept in addition if the layer begins its stage: the stage's input. */
  readonly pendingInputBytes?: number;
  /** False if the layer cannot be cut from the one before it: it never starts a stage. */
  readonly cuttable?: boolean;
  /** True if a stage must start at the layer, because that boundary is already fixed. */
  readonly startsStage?: boolean;
}

/** What the planner knows about a model on a machine. JSON, version 1. */
export interface Profile {
  readonly version: 1;
  readonly model: string;
  /** Samples in an item of the stream. */
  readonly batch: number;
  /** Samples in a learned batch: the item and what is replayed with it. */
  readonly learnBatch: number;
  /** The input x of a learn batch, bytes. */
  readonly inputBytes: number;
  readonly labelBytes: number;
  /** The input x of one item, bytes. */
  readonly itemInputBytes: number;
  readonly itemLabelBytes: number;
  /** Times from a cost model or from a clock. */
  readonly timing: "model" | "measured";
  readonly machine?: string;
  readonly layers: readonly LayerProfile[];
  /** T_seq: a forward and a backward pass of the whole model on one item, ms. */
  readonly sequentialTime: number;
}

/**
 * A layer as another stack may describe it: four figures. The rest is filled in as for a stack that
 * keeps each layer's output for the next one's backward pass: `activationBytes` and `innerBytes`
 * are those of the output, `predictionBytes` an item's share of it, `lastBytes` and `scratchBytes`
 * 0, `gradientBytes` the larger of input and output.
 */
export type GivenLayer = Pick<
  LayerProfile,
  "forwardTime" | "backwardTime" | "parameterBytes" | "outputBytes"
> &
  Partial<LayerProfile>;

/**
 * A profile as another stack may describe it. If left out, `model` is "model", `learnBatch` is
 * `batch`, `labelBytes` is 4 per sample, the figures of an item are its share of the learn batch's,
 * `timing` is "measured", and `sequentialTime` is the sum over the layers.
 */
export type GivenProfile = Pick<Profile, "version" | "batch" | "inputBytes"> &
  Partial<Omit<Profile, "layers">> & { readonly layers: readonly GivenLayer[] };

/** Every field, which the compiler holds to `Profile`, and what JSON Schema's tools add. */
const profileFields = Object.keys({
  $schema: 0,
  version: 0,
  model: 0,
  batch: 0,
  learnBatch: 0,
  inputBytes: 0,
  labelBytes: 0,
  itemInputBytes: 0,
  itemLabelBytes: 0,
  timing: 0,
  machine: 0,
  layers: 0,
  sequentialTime: 0,
} satisfies Record<keyof Profile | "$schema", 0>);

/** The same of a layer, and the spread that measured profiles tell people. */
const layerFields = Object.keys({
  name: 0,
  forwardTime: 0,
  backwardTime: 0,
  parameterBytes: 0,
  activationBytes: 0,
  outputBytes: 0,
  predictionBytes: 0,
  innerBytes: 0,
  lastBytes: 0,
  gradientBytes: 0,
  scratchBytes: 0,
  compensationTimes: 0,
  backwardInputTime: 0,
  backwardWeightsTime: 0,
  pendingBytes: 0,
  pendingInputBytes: 0,
  cuttable: 0,
  startsStage: 0,
  spread: 0,
} satisfies Record<keyof LayerProfile | "spread", 0>);

/** What the layers around a layer say about it. */
interface Place {
  readonly index: number;
  /** Bytes of its input. */
  readonly inputBytes: number;
  /** Samples of an item as a share of those of a learn batch. */
  readonly itemShare: number;
}

function parseLayer(
  value: unknown,
  name: string,
  { index, inputBytes, itemShare }: Place,
): LayerProfile {
  const layer = checkObject(value, name);
  checkFields(layer, name, layerFields);
  const time = (field: string) => checkAmount(layer[field], `${name}.${field}`);
  const bytes = (field: string, usual?: number) =>
    usual !== undefined && layer[field] === undefined
      ? usual
      : checkWhole(layer[field], `${name}.${field}`);
  const outputBytes = bytes("outputBytes");
  const optional = <F extends keyof LayerProfile>(field: F, read: (field: F) => number) =>
    layer[field] === undefined ? {} : { [field]: read(field) };
  const flag = (field: "cuttable" | "startsStage") =>
    layer[field] === undefined ? {} : { [field]: checkBoolean(layer[field], `${name}.${field}`) };
  if (layer.cuttable === false && layer.startsStage === true)
    throw expected("false where cuttable is false", `${name}.startsStage`, true);
  return {
    name: layer.name === undefined ? `layer ${index}` : checkString(layer.name, `${name}.name`),
    forwardTime: time("forwardTime"),
    backwardTime: time("backwardTime"),
    parameterBytes: bytes("parameterBytes"),
    activationBytes: bytes("activationBytes", outputBytes),
    outputBytes,
    predictionBytes: bytes("predictionBytes", Math.ceil(itemShare * outputBytes)),
    innerBytes: bytes("innerBytes", outputBytes),
    lastBytes: bytes("lastBytes", 0),
    gradientBytes: bytes("gradientBytes", Math.max(inputBytes, outputBytes)),
    scratchBytes: bytes("scratchBytes", 0),
    ...(layer.compensationTimes === undefined
      ? {}
      : { compensationTimes: parseTimes(layer.compensationTimes, `${name}.compensationTimes`) }),
    ...optional("backwardInputTime", time),
    ...optional("backwardWeightsTime", time),
    ...optional("pendingBytes", bytes),
    ...optional("pendingInputBytes", bytes),
    ...flag("cuttable"),
    ...flag("startsStage"),
  };
}

function parseTimes(value: unknown, name: string): Record<string, number> {
  const times = Object.entries(checkObject(value, name));
  return Object.fromEntries(times.map(([key, time]) => [key, checkAmount(time, `${name}.${key}`)]));
}

/**
 * Reads a profile from parsed JSON; missing fields of a `GivenProfile` are filled in.
 * @throws InputError that names the first field that is missing, wrong or unknown, since a misspelt
 * one would be ignored in planning.
 */
export function parseProfile(value: unknown): Profile {
  const profile = checkParsed(value, "profile");
  const bytes = (field: string, usual?: number) =>
    usual !== undefined && profile[field] === undefined
      ? usual
      : checkWhole(profile[field], `profile.${field}`);
  checkOneOf(profile.version, "profile.version", [1]);
  checkFields(profile, "profile", profileFields);
  const batch = checkWhole(profile.batch, "profile.batch", 1);
  const learnBatch =
    profile.learnBatch === undefined
      ? batch
      : checkWhole(profile.learnBatch, "profile.learnBatch", 1);
  const itemShare = batch / learnBatch;
  const inputBytes = bytes("inputBytes");
  const labelBytes = bytes("labelBytes", 4 * learnBatch);
  const layers: LayerProfile[] = [];
  for (const [index, layer] of checkArray(profile.layers, "profile.layers").entries())
    layers.push(
      parseLayer(layer, `profile.layers[${index}]`, {
        index,
        inputBytes: layers[index - 1]?.outputBytes ?? inputBytes,
        itemShare,
      }),
    );
  if (layers.length === 0) throw expected("at least one layer", "profile.layers", profile.layers);
  if (!layers.some((layer) => layer.parameterBytes > 0))
    throw expected("a layer with parameters", "profile.layers", profile.layers);
  if (!layers.some((layer) => layer.forwardTime + layer.backwardTime > 0))
    throw expected("a layer that takes time", "profile.layers", profile.layers);
  return {
    version: 1,
    model: profile.model === undefined ? "model" : checkString(profile.model, "profile.model"),
    batch,
    learnBatch,
    inputBytes,
    labelBytes,
    itemInputBytes: bytes("itemInputBytes", Math.ceil(itemShare * inputBytes)),
    itemLabelBytes: bytes("itemLabelBytes", Math.ceil(itemShare * labelBytes)),
    timing:
      profile.timing === undefined
        ? "measured"
        : checkOneOf(profile.timing, "profile.timing", ["model", "measured"] as const),
    ...(profile.machine === undefined
      ? {}
      : { machine: checkString(profile.machine, "profile.machine") }),
    layers,
    sequentialTime:
      profile.sequentialTime === undefined
        ? itemShare * layers.reduce((sum, each) => sum + each.forwardTime + each.backwardTime, 0)
        : checkPositive(profile.sequentialTime, "profile.sequentialTime"),
  };
}

/**
 * What speaks against using a profile on this machine, one sentence each; none for a profile from
 * the cost model, whose times belong to no machine.
 * @param machine name of this machine, as a measured profile would hold it.
 */
export function profileWarnings(profile: Profile, machine: string): string[] {
  if (profile.timing !== "measured" || profile.machine === machine) return [];
  const other = profile.machine === undefined ? "an unnamed machine" : profile.machine;
  return [
    `The profile's times were measured on ${other}, but this is ${machine}: profile the model ` +
      "here, or use the plan on that machine",
  ];
}
