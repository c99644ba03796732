import type { VectorKernels } from "@ferret-ocl/compensation";
import { InputError } from "../errors.js";
import type { Memory } from "../memory/memory.js";
import { align64, elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { Stage } from "../model/stage.js";
import type { Runtime } from "../runtime/contract.js";
import type { LearningAlgorithm } from "./algorithm.js";
import type { Buffers } from "./buffers.js";
import { featureLayerOf } from "./feature-layer.js";
import { allocateFeatures, FeatureTap, featureBytes } from "./feature-tap.js";
import type { Flight } from "./flight.js";
import { OwnPrediction } from "./own-prediction.js";
import { type ReferenceBatch, referenceIn } from "./reference-batch.js";
import { WholeModel, wholeModelBytes } from "./whole-model.js";
import { WholeUpdates } from "./whole-update.js";

export interface HooksOptions {
  readonly algorithm: LearningAlgorithm;
  readonly model: Model;
  readonly runtime: Runtime;
  readonly memory: Memory;
  readonly stages: readonly Stage[];
  readonly buffers: Pick<Buffers, "inputs" | "slots">;
  /** Samples of an item as it arrives. */
  readonly batch: number;
  readonly executor: { readonly index: number; readonly count: number };
  /** Handed on to the algorithm. */
  readonly kernels: VectorKernels;
  /** Copies the newest parameters. */
  readonly readParameters: (target: Float32Array) => void;
}

/** Bytes that what an algorithm asks for takes beside its own buffers, of the category `algorithm`. */
export function hookBytes(
  algorithm: LearningAlgorithm,
  model: Model,
  runtime: Runtime,
  batch: number,
): { readonly shared: number; readonly perExecutor: number } {
  const { attach, regulariseWhole, predict, modelBatch = 0 } = algorithm;
  const models = (attach ? 1 : 0) + (regulariseWhole ? 1 : 0);
  // The name of a layer is looked at, whoever reads it.
  const layer = featureLayerOf(model, algorithm);
  return {
    shared: models * wholeModelBytes(model, runtime, modelBatch),
    perExecutor: predict ? align64(featureBytes(layer, batch)) : 0,
  };
}

/** What one executor keeps for the optional hooks of an algorithm. */
export class Hooks {
  /** Null where the logits are what is predicted by. */
  readonly own: OwnPrediction | null;
  /** That all executors hold for it. */
  readonly bytes: number;
  readonly #algorithm: LearningAlgorithm;
  readonly #kernels: VectorKernels;
  readonly #whole: WholeUpdates | null = null;
  readonly #model: WholeModel | null = null;
  /** By input slot. */
  readonly #references: readonly ReferenceBatch[];

  constructor(options: HooksOptions) {
    const { algorithm, model, runtime, memory, stages, buffers, batch, executor } = options;
    this.#algorithm = algorithm;
    this.#kernels = options.kernels;
    checkBackward(algorithm, buffers);
    const layer = featureLayerOf(model, algorithm);
    const { regulariseWhole, predict, referenceBatch = 0, modelBatch = 0 } = algorithm;
    const { perExecutor } = hookBytes(algorithm, model, runtime, batch);
    this.bytes =
      executor.count * perExecutor +
      (regulariseWhole ? wholeModelBytes(model, runtime, modelBatch) : 0);
    const inputLength = elementCount(model.inputShape);
    this.#references = buffers.inputs.all.map((x) => referenceIn(x, inputLength, referenceBatch));
    if (regulariseWhole) {
      const { readParameters } = options;
      // All executors ask for the same buffers, for there is one update at a time.
      this.#model = new WholeModel(
        model,
        runtime,
        modelBatch,
        memory,
        readParameters,
        layer,
        options.kernels,
      );
      this.#whole = new WholeUpdates(algorithm, this.#model);
    }
    if (!predict) {
      this.own = null;
      return;
    }
    const features = layer && allocateFeatures(layer, batch, memory, executor);
    const tap = features && new FeatureTap(runtime, stages, layer, batch, features);
    this.own = new OwnPrediction(algorithm, model.classes, tap);
  }

  /** What is added to the gradient of a stage whose parameters begin at `offset`, if anything. */
  penalty(
    offset: number,
  ): ((gradient: Float32Array, parameters: Float32Array) => void) | undefined {
    const algorithm = this.#algorithm;
    const kernels = this.#kernels;
    const whole = this.#whole;
    if (!whole && !algorithm.regularise) return undefined;
    return (gradient, parameters) => {
      algorithm.regularise?.(offset, gradient, parameters, kernels);
      whole?.regularise(gradient, parameters);
    };
  }

  /** Gradients that `regulariseWhole` has asked the model for, see `WholeModel`. */
  get draws(): number {
    return this.#model?.draws ?? 0;
  }
  set draws(draws: number) {
    if (this.#model) this.#model.draws = draws;
  }

  /** The samples for `regulariseWhole` in an input slot. */
  referenceAt(input: number): ReferenceBatch {
    return this.#references[input] as ReferenceBatch;
  }

  /** The gradient that is taken in next is that of a flight. */
  begin(flight: Flight): void {
    if (!this.#whole) return;
    const reference = this.referenceAt(flight.input);
    reference.size = flight.reference;
    this.#whole.begin(flight.item, reference);
  }

  /** Gives programs back. */
  dispose(): void {
    this.#model?.dispose();
    this.own?.dispose();
  }
}

/** @throws InputError where inputs are gone, and what lies behind them, before gradients are there. */
function checkBackward(
  { regulariseWhole, name = "the algorithm" }: LearningAlgorithm,
  { slots }: Pick<Buffers, "slots">,
): void {
  if (regulariseWhole && slots.pending?.some((count) => count > 0))
    throw new InputError(
      `Expected a schedule of whole backward passes for ${name}, which has regulariseWhole, but ` +
        "received one that puts gradients of weights off; take another schedule",
    );
}
