import type { Compensator } from "@ferret-ocl/compensation";
import type { LayerProfile, Profile } from "@ferret-ocl/planner";
import { checkMembers, checkModel, checkRecord } from "./check-options.js";
import { expected } from "./errors.js";
import type { LearningAlgorithm } from "./execute/algorithm.js";
import { checkSamples } from "./execute/check-algorithm.js";
import { type LayerTimes, measureLayer, measureRepair } from "./measure.js";
import type { Layer } from "./model/layer.js";
import { isRegression } from "./model/loss.js";
import { pendingFootprint } from "./model/pending.js";
import { align64, boundaryBytes } from "./model/shape.js";
import type { Model } from "./model/spec.js";
import { layerFootprint } from "./model/stage.js";
import type { Runtime } from "./runtime/contract.js";

/** Operations per millisecond of the machine that `timing: "model"` assumes: 50 GFLOP/s. */
const modelOperationsPerMillisecond = 50e6;
/** Floats that it moves to or from memory in a millisecond: 32 GB/s. */
const modelFloatsPerMillisecond = 8e6;

/** Options of `profileModel`. */
export interface ProfileOptions {
  readonly model: Model;
  readonly runtime: Runtime;
  /** Samples of an item as it arrives. */
  readonly batch: number;
  /** Samples that are learned together (an item with its replay); default `batch`. */
  readonly learnBatch?: number;
  /**
   * `model`: durations from operation counts on an assumed machine, backward = 2 x forward, the
   * same everywhere, and those of compensators from the floats that they move. `measured`: medians
   * of runs on this machine.
   */
  readonly timing: "model" | "measured";
  /** The compensators that may run, so that the profile includes their times; default none. */
  readonly compensators?: readonly Compensator<never>[];
  /** Name of this machine, kept in a measured profile. */
  readonly machine?: string;
  /** Called after each layer with the number of those done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What `profileModel` says about a layer: the planner's figures, and how certain they are. */
export interface MeasuredLayer extends LayerProfile {
  /**
   * For measured times: interquartile range divided by the median, the larger of both directions.
   */
  readonly spread?: number;
}

/** A profile as the planner reads it, with the spread of every measured layer. */
export interface MeasuredProfile extends Profile {
  readonly layers: readonly MeasuredLayer[];
}

/**
 * Measures what the planner needs to know about a model: times, and the bytes that every layer
 * needs wherever the model is cut.
 */
export function profileModel(options: ProfileOptions): MeasuredProfile {
  checkRecord(options, "options");
  const { model, runtime, batch, timing, compensators = [], onProgress } = options;
  checkModel(model);
  checkMembers(runtime, "runtime", ["compile", "layerScratchBytes"]);
  if (timing !== "model" && timing !== "measured")
    throw expected("model or measured", "timing", timing);
  const learnBatch = options.learnBatch ?? batch;
  checkSamples(batch, "batch");
  checkSamples(learnBatch, "learnBatch");
  const sizes = [...new Set([batch, learnBatch])];
  /** A class is one number; in regression there are as many as outputs. */
  const labelLength = isRegression(model) ? model.classes : 1;
  let sequentialTime = 0;
  const layers = model.layers.map((layer, index): MeasuredLayer => {
    const times = (size: number): PassTimes | LayerTimes =>
      timing === "model"
        ? modelTimes(layer, size)
        : measureLayer(runtime, layer, size, { isFirst: index === 0 });
    const learn = times(learnBatch);
    const { forwardTime, backwardTime, ...measured } = learn;
    const item = learnBatch === batch ? learn : times(batch);
    sequentialTime += item.forwardTime + item.backwardTime;
    const footprint = layerFootprint(layer, learnBatch, model.layers[index + 1]);
    const pending = pendingFootprint(layer, learnBatch);
    onProgress?.(index + 1, model.layers.length);
    return {
      name: layer.name,
      forwardTime,
      backwardTime,
      parameterBytes: 4 * layer.parameterCount,
      activationBytes: footprint.output,
      outputBytes: footprint.output,
      predictionBytes: boundaryBytes(layer.outputShape, batch),
      innerBytes: footprint.inner,
      lastBytes: footprint.last,
      gradientBytes: footprint.gradient,
      scratchBytes: Math.max(...sizes.map((size) => runtime.layerScratchBytes(layer, size))),
      pendingBytes: pending.gradients,
      pendingInputBytes: pending.input,
      ...repairTimes(layer, compensators as readonly Compensator[], timing),
      // What only measurement can tell.
      ...measured,
    };
  });
  return {
    version: 1,
    model: model.name,
    batch,
    learnBatch,
    inputBytes: boundaryBytes(model.inputShape, learnBatch),
    labelBytes: align64(4 * learnBatch * labelLength),
    // Where an item has waited for its prediction, its logits take its place.
    itemInputBytes: Math.max(
      boundaryBytes(model.inputShape, batch),
      boundaryBytes([model.classes], batch),
    ),
    itemLabelBytes: align64(4 * batch * labelLength),
    timing,
    ...(options.machine === undefined ? {} : { machine: options.machine }),
    layers,
    sequentialTime,
  };
}

/**
 * A profile with what an algorithm adds to it: the targets besides the labels, and the time for
 * which it computes while it composes an item, which is added to the first layer's forward pass.
 */
export function withAlgorithm(
  profile: Profile,
  {
    targetLength = 0,
    learnsTargets = false,
    passes = { forward: 0, backward: 0 },
  }: Pick<LearningAlgorithm, "targetLength" | "learnsTargets" | "passes">,
): Profile {
  const { learnBatch, layers } = profile;
  const forward = layers.reduce((sum, layer) => sum + layer.forwardTime, 0) / learnBatch;
  const backward = layers.reduce((sum, layer) => sum + layer.backwardTime, 0) / learnBatch;
  const composing = (passes.forward + passes.backward) * forward + passes.backward * backward;
  return {
    ...profile,
    labelBytes: align64(4 * learnBatch * ((learnsTargets ? 0 : 1) + targetLength)),
    layers: layers.map((layer, index) =>
      index === 0 ? { ...layer, forwardTime: layer.forwardTime + composing } : layer,
    ),
  };
}

/**
 * The bytes of one profile; of another, of the same layers, the times, so many times as long, and
 * where it may be cut.
 */
export function withTimes(bytes: Profile, times: Profile, factor = 1): Profile {
  return {
    ...bytes,
    timing: times.timing,
    sequentialTime: times.sequentialTime,
    ...(times.machine === undefined ? {} : { machine: times.machine }),
    layers: bytes.layers.map((layer, index) => {
      const timed = times.layers[index] as LayerProfile;
      const time = (field: keyof LayerProfile & `${string}Time`) =>
        timed[field] === undefined ? {} : { [field]: factor * timed[field] };
      const { cuttable, startsStage, compensationTimes } = timed;
      return {
        ...layer,
        ...time("forwardTime"),
        ...time("backwardTime"),
        ...time("backwardInputTime"),
        ...time("backwardWeightsTime"),
        // However many samples a gradient comes from.
        ...(compensationTimes === undefined ? {} : { compensationTimes }),
        ...(cuttable === undefined ? {} : { cuttable }),
        ...(startsStage === undefined ? {} : { startsStage }),
      };
    }),
  };
}

/** Of a layer with parameters: what each compensator takes of a gradient. */
function repairTimes(
  layer: Layer,
  compensators: readonly Compensator[],
  timing: ProfileOptions["timing"],
): Pick<LayerProfile, "compensationTimes"> {
  if (layer.parameterCount === 0 || compensators.length === 0) return {};
  const timeOf = (compensator: Compensator) =>
    timing === "model"
      ? ((compensator.floatsMoved ?? 0) * layer.parameterCount) / modelFloatsPerMillisecond
      : measureRepair(compensator, layer);
  const times = compensators.map((each) => [each.name, timeOf(each)] as const);
  return { compensationTimes: Object.fromEntries(times) };
}

type PassTimes = Pick<LayerTimes, "forwardTime" | "backwardTime">;

function modelTimes(layer: Layer, batch: number): PassTimes {
  const forwardTime = (layer.operations * batch) / modelOperationsPerMillisecond;
  return { forwardTime, backwardTime: 2 * forwardTime };
}
