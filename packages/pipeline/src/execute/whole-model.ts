import type { VectorKernels } from "@ferret-ocl/compensation";
import { InputError } from "../errors.js";
import type { Memory } from "../memory/memory.js";
import { align64, elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import { cutStages, layerFootprint, type Stage, savedBytes, scratchBytes } from "../model/stage.js";
import type { Runtime, StageProgram } from "../runtime/contract.js";
import type { LearningAlgorithm, ModelAccess } from "./algorithm.js";
import { type FeatureLayer, featureLayerOf } from "./feature-layer.js";
import { Fronts } from "./fronts.js";
import { admitsGradient, largestMagnitude } from "./gradient-bounds.js";

/** Bytes that `WholeModel` takes, by the shapes alone; 0 for a batch of 0. */
export function wholeModelBytes(model: Model, runtime: Runtime, batch: number): number {
  return Object.values(bufferBytes(model, runtime, batch)).reduce((sum, bytes) => sum + bytes, 0);
}

function bufferBytes(model: Model, runtime: Runtime, batch: number) {
  if (batch === 0) return {};
  const { layers } = model;
  const scratch = layers.map((layer) => runtime.layerScratchBytes(layer, batch));
  const last = layers[layers.length - 1] as (typeof layers)[0];
  return {
    saved: align64(savedBytes(layers, batch)),
    scratch: align64(scratchBytes(layers, batch, scratch)),
    logits: align64(layerFootprint(last, batch).output),
  };
}

/**
 * Hands an algorithm the model, if it wants it; null where it does not.
 * @param readParameters copies the newest parameters of the run.
 */
export function attachModel(
  run: {
    readonly model: Model;
    readonly runtime: Runtime;
    readonly ledger: Memory;
    readonly algorithm: LearningAlgorithm;
    readonly kernels?: VectorKernels;
  },
  readParameters: (target: Float32Array) => void,
): WholeModel | null {
  const { algorithm, model, runtime, ledger, kernels } = run;
  if (!algorithm.attach) return null;
  const access = new WholeModel(
    model,
    runtime,
    algorithm.modelBatch ?? 0,
    ledger,
    readParameters,
    featureLayerOf(model, algorithm),
    kernels,
  );
  algorithm.attach(access);
  return access;
}

/** Above the number of any item. */
const firstDraw = 2 ** 52;

/**
 * The model as one stage beside the pipeline, for an algorithm that computes with it: in buffers
 * of its own, of the category `algorithm`, with whatever parameters it is handed.
 */
export class WholeModel implements ModelAccess {
  readonly kernels?: VectorKernels;
  readonly readParameters: (target: Float32Array) => void;
  readonly #inputLength: number;
  readonly #classes: number;
  readonly #fronts = new Fronts();
  readonly #runtime: Runtime;
  readonly #saved: Uint8Array;
  readonly #scratch: Uint8Array;
  readonly #logits: Float32Array;
  readonly #batch: number;
  /** Gradients so far: in each, Dropout layers drop other values, and none that an item's pass does. */
  draws = 0;
  readonly #learning = new Map<number, StageProgram>();
  readonly #predicting = new Map<number, StageProgram>();
  /** Programs of the layers up to the one whose outputs are features. */
  readonly #describing = new Map<number, StageProgram>();
  readonly #features: FeatureLayer | null;
  readonly #stage: Stage;

  /**
   * @param batch the most samples that come at once.
   * @param readParameters copies the newest parameters of the run.
   * @param features the layer that `features` gives; null: none was asked for.
   * @param kernels handed on to the algorithm.
   */
  constructor(
    model: Model,
    runtime: Runtime,
    batch: number,
    memory: Memory,
    readParameters: (target: Float32Array) => void,
    features: FeatureLayer | null = null,
    kernels?: VectorKernels,
  ) {
    if (kernels) this.kernels = kernels;
    this.#features = features;
    this.#stage = cutStages(model, [0])[0] as Stage;
    this.#inputLength = elementCount(model.inputShape);
    this.#classes = model.classes;
    this.#runtime = runtime;
    this.#batch = batch;
    this.readParameters = readParameters;
    const bytes = bufferBytes(model, runtime, batch);
    this.#saved = memory.bytes("algorithm", bytes.saved ?? 0);
    this.#scratch = memory.bytes("algorithm", bytes.scratch ?? 0);
    this.#logits = memory.floats("algorithm", batch * model.classes);
  }

  logits(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void {
    this.#check(x, size);
    expectRoom(target, size * this.#classes, "logits, size x classes,");
    this.#program(this.#predicting, size, "predict").forward(
      parameters,
      x,
      null,
      target,
      this.#scratch,
    );
  }

  gradient(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
  ): void {
    this.#check(x, size);
    const program = this.#program(this.#learning, size, "learn");
    const logits = this.#fronts.of(this.#logits, size * this.#classes);
    program.forward(parameters, x, this.#saved, logits, this.#scratch, firstDraw + this.draws++);
    atLogits(logits);
    program.backward(parameters, x, this.#saved, logits, null, target, this.#scratch);
    // Where moving statistics lie, the program writes how they would move: no gradient.
    // Nor have frozen parameters any, as no update follows it.
    for (const parts of [this.#stage.statistics, this.#stage.frozen])
      for (const { offset, length } of parts) target.fill(0, offset, offset + length);
  }

  descend(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
    learningRate: number,
  ): void {
    this.#check(x, size);
    const program = this.#program(this.#learning, size, "learn");
    if (!program.backwardUpdate) {
      this.gradient(parameters, x, size, atLogits, target);
      if (!admitsGradient(largestMagnitude(target), learningRate)) target.set(parameters);
      else
        for (let index = 0; index < target.length; index++)
          target[index] = (parameters[index] as number) - learningRate * (target[index] as number);
      return;
    }
    const [saved, scratch] = [this.#saved, this.#scratch];
    const logits = this.#fronts.of(this.#logits, size * this.#classes);
    program.forward(parameters, x, saved, logits, scratch, firstDraw + this.draws++);
    atLogits(logits);
    const bound = program.backwardUpdate(
      ...([parameters, x, saved, logits, null, parameters, target, learningRate, scratch] as const),
    );
    if (!admitsGradient(bound, learningRate)) target.set(parameters);
    for (const parts of [this.#stage.statistics, this.#stage.frozen])
      for (const { offset, length } of parts)
        for (let index = offset; index < offset + length; index++)
          target[index] = parameters[index] as number;
  }

  features(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void {
    this.#check(x, size);
    if (!this.#features)
      throw new InputError(
        "Expected features of the algorithm, which tells whose outputs they are, but it has none; " +
          "give it features: { layer }, or {} for the layer before the last",
      );
    const { index, length } = this.#features;
    expectRoom(target, size * length, "values, size x the layer's outputs,");
    const layers = this.#stage.layers.slice(0, index + 1);
    const program = this.#program(this.#describing, size, "predict", layers);
    const own = this.#fronts.of(parameters, program.parameterCount);
    program.forward(own, x, null, target, this.#scratch);
  }

  /** Gives the programs back. */
  dispose(): void {
    for (const programs of [this.#learning, this.#predicting, this.#describing])
      for (const program of programs.values()) program.dispose();
  }

  #check(x: Float32Array, size: number): void {
    const isWhole = Number.isInteger(size) && size >= 1 && size <= this.#batch;
    if (!isWhole || x.length < size * this.#inputLength)
      throw new InputError(
        `Expected 1 to ${this.#batch} samples (the algorithm's modelBatch) of ` +
          `${this.#inputLength} values for the model but received ${size} in ${x.length} values; ` +
          "pass no more samples than announced",
      );
  }

  #program(
    programs: Map<number, StageProgram>,
    size: number,
    mode: "learn" | "predict",
    layers = this.#stage.layers,
  ): StageProgram {
    let program = programs.get(size);
    if (!program) {
      program = this.#runtime.compile(layers, size, mode);
      programs.set(size, program);
    }
    return program;
  }
}

function expectRoom(target: Float32Array, length: number, what: string): void {
  if (target.length >= length) return;
  throw new InputError(
    `Expected room for ${length} ${what} in target but received ${target.length} elements; ` +
      "hand over a longer one",
  );
}
