import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import type { Slots, WorkerConfiguration } from "@ferret-ocl/planner";
import { InputError } from "../errors.js";
import { type Cells, NewCells } from "../memory/cells.js";
import { Halt } from "../memory/halt.js";
import { Lock } from "../memory/lock.js";
import type { Memory } from "../memory/memory.js";
import type { Pool } from "../memory/pool.js";
import { isRegression } from "../model/loss.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import { cutStages, type Stage } from "../model/stage.js";
import type { Optimizer } from "../optimizer/contract.js";
import { sgd } from "../optimizer/sgd.js";
import type { Runtime, StageProgram } from "../runtime/contract.js";
import { WeightVersions } from "../weights/versions.js";
import type { Batch, ComposedBatch, LearningAlgorithm } from "./algorithm.js";
import { allocateBuffers, type Buffers, held, type WorkingSpace } from "./buffers.js";
import { checkAlgorithm, checkComposed, checkComposedTargets } from "./check-algorithm.js";
import { areFinite, type ItemShape } from "./check-item.js";
import type { Flight } from "./flight.js";
import { Fronts } from "./fronts.js";
import { admitsGradient, checkLearningRate } from "./gradient-bounds.js";
import { Hooks } from "./hooks.js";
import { NewestModel } from "./newest-model.js";
import { Programs } from "./programs.js";
import { checkReference } from "./reference-batch.js";
import { StageUpdates } from "./stage-updates.js";
import { checkOneStage } from "./whole-update.js";

/** What an executor computes, and by what means. */
export interface ExecutorOptions {
  readonly model: Model;
  readonly runtime: Runtime;
  /** First layer of every stage. */
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** Where buffers come from: a ledger, or what another thread was given by one. */
  readonly memory: Memory;
  readonly algorithm: LearningAlgorithm;
  readonly compensator: Compensator<unknown>;
  /** What makes a step from a gradient; default plain gradient descent. */
  readonly optimizer?: Optimizer<unknown> | undefined;
  readonly kernels: VectorKernels;
  readonly learningRate: number;
  /** Samples of an item as it arrives. */
  readonly batch: number;
  /** The model's parameters, layer by layer: read from here and, at the end, left here. */
  readonly parameters: Float32Array;
  /** Batches that may wait for each worker (default 1). */
  readonly queueLength?: 0 | 1;
  /**
   * The most items in flight at each stage, over all workers; default: as 1F1B allows each worker.
   */
  readonly inFlight?: readonly number[] | undefined;
  /** How many of each buffer, for a schedule other than Ferret's. */
  readonly slots?: Slots;
  /** Control memory (default: new); threads that work together share it. */
  readonly cells?: Cells;
  /** Which of how many executors this is; the default is the only one. */
  readonly executor?: { readonly index: number; readonly count: number; readonly spins: number };
  /** What time it is, for `updates[stage].appliedAt`. */
  readonly clock?: () => number;
}

/** A gradient that made no update: the item that it came from, and the stage. */
export interface Refusal {
  readonly item: number;
  readonly stage: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const onlyExecutor = { index: 0, count: 1, spins: 0 };

/**
 * The only place that does the math of a run: predictions, forward and backward passes,
 * compensation and updates, in buffers that were allocated at the start. The clocks decide when
 * each of them happens.
 *
 * Each thread has its own executor, which works on the same buffers: built with the same options,
 * it asks for the same memory in the same order.
 */
export class Executor {
  readonly stages: readonly Stage[];
  /** What items must look like. */
  readonly itemShape: ItemShape;
  readonly updates: readonly StageUpdates[];
  readonly buffers: Buffers;
  /** Guards what threads share, except for the floats themselves. */
  readonly lock: Lock;
  /** Tells threads that wait for each other that the run has been given up. */
  readonly halt: Halt;
  /** Vectors that the optimizer keeps, as long as the parameters. */
  readonly optimiserVectors: number;
  /** Names of what its state belongs to, for who saves it. */
  readonly compensation: string;
  readonly optimizer: string;
  readonly #working: WorkingSpace;
  readonly #options: ExecutorOptions;
  readonly #programs: Programs;
  readonly #fronts = new Fronts();
  readonly #newest: NewestModel;
  /** What the algorithm has beside `compose`, `loss` and `regularise`. */
  readonly #hooks: Hooks;
  /** Where the present batch is composed, and what its loss reads; reused. */
  readonly #target: Mutable<ComposedBatch>;

  constructor(options: ExecutorOptions) {
    const { model, runtime, partition, workers, algorithm, memory, batch } = options;
    checkAlgorithm(algorithm, model);
    checkOneStage(algorithm, partition);
    const { index, count, spins } = options.executor ?? onlyExecutor;
    const cells = options.cells ?? new NewCells();
    checkLearningRate(options.learningRate);
    this.#options = options;
    const optimizer = options.optimizer ?? sgd(options.kernels);
    this.optimiserVectors = optimizer.vectors;
    this.optimizer = optimizer.name;
    this.compensation = options.compensator.name;
    this.halt = new Halt(cells);
    this.lock = new Lock(cells, spins, this.halt);
    this.stages = cutStages(model, partition);
    this.itemShape = {
      batch,
      inputLength: this.inputLength,
      classes: model.classes,
      loss: model.loss,
      squaredNorm: (values) => options.kernels.squaredNorm(values),
    };
    this.#programs = new Programs(runtime, this.stages);
    const learnPrograms = this.#programs.at(algorithm.learnBatch);
    const itemPrograms = this.#programs.at(batch, "predict");
    this.buffers = allocateBuffers(
      {
        model,
        parameters: options.parameters,
        stages: this.stages,
        partition,
        workers,
        itemBatch: batch,
        programs: learnPrograms,
        scratchBytes: this.#programs.scratchBytes,
        targetLength: algorithm.targetLength ?? 0,
        hasLabels: !isRegression(model),
        referenceBatch: algorithm.referenceBatch,
        inFlight: options.inFlight,
        slots: options.slots,
        queueLength: options.queueLength ?? 1,
        executorCount: count,
      },
      memory,
      cells,
    );
    this.#working = this.buffers.working[index] as WorkingSpace;
    this.#hooks = new Hooks({
      algorithm,
      model,
      runtime,
      memory,
      stages: this.stages,
      buffers: this.buffers,
      batch,
      executor: { index, count },
      kernels: options.kernels,
      readParameters: (target) => this.readNewest(target),
    });
    let end = 0;
    const offsets = this.stages.map(({ parameterCount }) => {
      end += parameterCount;
      return end - parameterCount;
    });
    this.updates = this.stages.map((stage) => {
      const inner = new Lock(cells, spins, this.halt);
      return new StageUpdates(
        {
          stage,
          versions: new WeightVersions(
            this.buffers.versions[stage.index] as readonly Float32Array[],
            cells,
          ),
          accumulator: this.buffers.accumulators[stage.index] ?? null,
          accumulate: workers.map((worker) => worker.accumulate[stage.index] as number),
          compensator: options.compensator,
          optimizer,
          memory,
          cells,
          lock: this.lock,
          kernels: options.kernels,
          learningRate: options.learningRate,
          isAlone: count === 1,
          regularise: this.#hooks.penalty(offsets[stage.index] as number),
          algorithm: nameOf(algorithm),
          clock: options.clock,
        },
        inner,
      );
    });
    this.#newest = new NewestModel({
      versions: this.updates.map(({ versions }) => versions),
      programs: itemPrograms,
      working: this.#working,
      lock: this.lock,
      halt: this.halt,
      batch,
      inputLength: this.inputLength,
      classes: model.classes,
      loss: model.loss,
      own: this.#hooks.own,
    });
    const [x, targets] = [new Float32Array(0), new Float32Array(0)];
    const reference = { x, labels: new Int32Array(0), size: 0 };
    this.#target = { x, labels: new Int32Array(0), targets, reference, size: 0 };
  }

  /**
   * Number of samples that the newest weights classify correctly, in regression the mean squared
   * error; nothing is learned.
   * @param predicted where the class predicted for each sample, or its values, are written.
   */
  evaluate(item: Batch, predicted?: Int32Array | Float32Array): number {
    return this.#newest.evaluate(item, predicted);
  }

  /** The class that all samples of the last item were predicted as; -1: they had several. */
  get onlyClass(): number {
    return this.#newest.onlyClass;
  }

  /** Whether all logits of the last item that was predicted were finite. */
  get isSound(): boolean {
    return this.#newest.isSound;
  }

  /** The model's own logits, whatever the algorithm predicts; otherwise as `predict`. */
  logits(item: Batch): Float32Array {
    return this.#newest.logits(item);
  }

  /**
   * size x classes logits by the newest weights, or the scores of an algorithm that predicts by
   * itself, in a buffer that the next call overwrites.
   */
  predict(item: Batch): Float32Array {
    return this.#newest.predict(item);
  }

  /** Logits, or scores in their place, [batch, classes], of the last prediction; until the next. */
  get lastLogits(): Float32Array {
    return this.#newest.lastLogits;
  }

  /** Bytes of all executors for what the algorithm asks of them beside `compose` and `loss`. */
  get hookBytes(): number {
    return this.#hooks.bytes;
  }

  /** Gradients that hooks of the algorithm have asked the model for: Dropout layers draw by them. */
  get draws(): number {
    return this.#hooks.draws;
  }
  set draws(draws: number) {
    this.#hooks.draws = draws;
  }

  /** The flight of a worker in one of its slots. */
  flightAt(worker: number, slot: number): Flight {
    return (this.buffers.flights[worker] as Pool<Flight>).at(slot);
  }

  get model(): Model {
    return this.#options.model;
  }

  get learningRate(): number {
    return this.#options.learningRate;
  }

  /** By stage: gradients that made no update, because they were not finite, or absurdly large. */
  get refusedUpdates(): number[] {
    return this.updates.map(({ refused }) => refused);
  }

  /** Where the first of them was; null where there is none. */
  get firstRefusal(): Refusal | null {
    let first: Refusal | null = null;
    for (const { refused, firstRefused: item, stage } of this.updates)
      if (refused > 0 && (!first || item < first.item)) first = { item, stage };
    return first;
  }

  /** Copies the newest parameters, layer by layer, at any time. */
  readNewest(target: Float32Array): void {
    this.#newest.readParameters(target);
  }

  /**
   * Lets the algorithm write the batch to learn into the flight's input slot.
   * @throws InputError if the size that it returns or a label is out of range, or a target is not
   * finite.
   */
  compose(flight: Flight, item: Batch): void {
    const { buffers } = this;
    const target = this.#target;
    target.x = buffers.inputs.at(flight.input);
    const { labels, targets } = buffers.labels.at(flight.labels);
    target.labels = labels;
    target.targets = targets;
    const { algorithm } = this.#options;
    const reference = this.#hooks.referenceAt(flight.input);
    target.reference = reference;
    reference.size = 0;
    flight.size = checkComposed(algorithm.compose(item, target), algorithm.learnBatch);
    const { classes } = this.itemShape;
    if (isRegression(this.itemShape)) {
      checkComposedTargets(targets, flight.size, classes, nameOf(algorithm), flight.item);
      return;
    }
    for (let sample = 0; sample < flight.size; sample++) {
      const label = labels[sample] as number;
      if (label < 0 || label >= classes)
        throw new InputError(
          `Expected classes from 0 to ${classes - 1} for the labels that compose of ` +
            `${nameOf(algorithm)} wrote for item ${flight.item} but received ${label} for sample ` +
            `${sample} of its batch; see where it takes them from`,
        );
    }
    checkReference(reference, algorithm, classes, flight.item);
    flight.reference = reference.size;
  }

  /**
   * Forward pass of one stage with the weight version that the flight holds; after the last one,
   * the gradient of the loss. Logits that are not finite come from weights or inputs that are too
   * large: the algorithm does not see them, and the gradient is one that cannot be applied.
   * @throws InputError if the algorithm makes a loss or gradient that is not finite from finite
   * logits.
   */
  forward(flight: Flight, stage: number): void {
    const { buffers } = this;
    const output = held(buffers.boundaries, flight.boundaries, stage);
    this.#program(flight, stage).forward(
      this.#updates(stage).versions.at(flight.versions[stage] as number),
      this.#input(flight, stage),
      flight.keepsActivations(stage) ? held(buffers.saved, flight.saved, stage) : null,
      output,
      this.#working.scratch,
      flight.item,
    );
    // The logits give way to their gradient: the boundary slot now waits for the backward pass.
    if (stage < this.stages.length - 1) return;
    const learned = this.#target;
    const { labels, targets } = buffers.labels.at(flight.labels);
    learned.labels = labels;
    learned.targets = targets;
    learned.size = flight.size;
    const { algorithm, model } = this.#options;
    const length = flight.size * model.classes;
    if (!areFinite(output, length)) {
      output.fill(Number.NaN, 0, length);
      return;
    }
    const logits = this.#fronts.of(output, length);
    const loss = algorithm.loss(logits, learned, logits);
    if (typeof loss !== "number" || Number.isNaN(loss) || !areFinite(output, length))
      throw badLoss(algorithm, flight.item, loss);
  }

  /**
   * Backward pass of one stage, compensation, and an update if one is due; if nothing else happens
   * to the gradient, the pass makes the update itself.
   */
  backward(flight: Flight, stage: number): void {
    const { buffers } = this;
    const program = this.#program(flight, stage);
    const updates = this.#updates(stage);
    const version = flight.versions[stage] as number;
    const parameters = updates.versions.at(version);
    const input = this.#input(flight, stage);
    let saved = this.#working.recomputed;
    if (flight.keepsActivations(stage)) saved = held(buffers.saved, flight.saved, stage);
    else program.forward(parameters, input, saved, null, this.#working.scratch, flight.item);
    const outputGradient = held(buffers.boundaries, flight.boundaries, stage);
    const inputGradient = stage > flight.firstLearning ? input : null;
    const step = program.backwardUpdate ? updates.reserveStep(version) : -1;
    if (step >= 0) {
      const bound = program.backwardUpdate?.(
        parameters,
        input,
        saved as Uint8Array,
        outputGradient,
        inputGradient,
        updates.versions.newest,
        updates.versions.at(step),
        this.#options.learningRate,
        this.#working.scratch,
      );
      if (admitsGradient(bound as number, this.#options.learningRate)) updates.publishStep(step);
      else updates.refuseStep(flight.item);
      return;
    }
    this.#hooks.begin(flight);
    const gradient = this.#working.gradients[stage] as Float32Array;
    const bound = program.backward(
      parameters,
      input,
      saved as Uint8Array,
      outputGradient,
      inputGradient,
      gradient,
      this.#working.scratch,
    );
    updates.apply(gradient, version, flight.worker, flight.item, bound);
  }

  /**
   * The first half of a backward pass in two parts, which the stage before waits for: the gradient
   * at the stage's input. What the second half reads is in the flight's pending slot.
   */
  backwardInput(flight: Flight, stage: number): void {
    const { buffers } = this;
    const input = this.#input(flight, stage);
    this.#program(flight, stage).backwardInput(
      this.#updates(stage).versions.at(flight.versions[stage] as number),
      input,
      held(buffers.saved, flight.saved, stage),
      held(buffers.boundaries, flight.boundaries, stage),
      stage > flight.firstLearning ? input : null,
      held(buffers.pending, flight.pending, stage),
      this.#working.scratch,
    );
  }

  /** The second half: the gradients at the stage's parameters, compensation, and an update if due. */
  backwardWeights(flight: Flight, stage: number): void {
    const { buffers } = this;
    const gradient = this.#working.gradients[stage] as Float32Array;
    const bound = this.#program(flight, stage).backwardWeights(
      held(buffers.saved, flight.saved, stage),
      held(buffers.pending, flight.pending, stage),
      gradient,
      this.#working.scratch,
    );
    const version = flight.versions[stage] as number;
    this.#updates(stage).apply(gradient, version, flight.worker, flight.item, bound);
  }

  /**
   * No item comes until `endDrain`: what is in flight is learned with care, see `Drain`.
   * @param isPause whether items come again as soon as nothing is in flight.
   */
  beginDrain(isPause = false): void {
    for (const { drain } of this.updates) drain.begin(isPause);
  }

  /** Items may come again. */
  endDrain(): void {
    for (const { drain } of this.updates) drain.end();
  }

  /**
   * Applies gradients that still wait for their group to fill (T2) and brings the newest versions
   * into `parameters`; for when nothing is in flight.
   */
  settle(): void {
    for (const updates of this.updates) {
      updates.flush();
      updates.versions.settle();
    }
  }

  /** Releases the programs. */
  dispose(): void {
    this.#programs.dispose();
    this.#hooks.dispose();
  }

  get inputLength(): number {
    return elementCount(this.#options.model.inputShape);
  }

  #updates(stage: number): StageUpdates {
    return this.updates[stage] as StageUpdates;
  }

  #program(flight: Flight, stage: number): StageProgram {
    return this.#programs.at(flight.size)[stage] as StageProgram;
  }

  #input(flight: Flight, stage: number): Float32Array {
    const { buffers } = this;
    if (stage === 0) return buffers.inputs.at(flight.input);
    return held(buffers.boundaries, flight.boundaries, stage - 1);
  }
}

function nameOf(algorithm: LearningAlgorithm): string {
  return algorithm.name ?? "the algorithm";
}

function badLoss(algorithm: LearningAlgorithm, item: number, loss: unknown): InputError {
  const isNumber = typeof loss === "number" && !Number.isNaN(loss);
  const shown = loss instanceof Promise ? "a Promise" : String(loss);
  const received = isNumber ? "a gradient that is not finite" : `a loss of ${shown}`;
  return new InputError(
    `Expected a loss and gradients that are numbers from ${nameOf(algorithm)} for item ${item} ` +
      `but received ${received}; the logits were finite, so look at what its loss divides by or ` +
      "takes the logarithm of",
  );
}
