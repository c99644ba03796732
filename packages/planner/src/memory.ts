import { checkCut, checkFields, checkObject, checkWhole } from "./check.js";
import { canBeLate } from "./compensation-time.js";
import type { LayerProfile, Profile } from "./profile.js";
import { type SharedSlots, type Slots, slots } from "./slots.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

/** What a buffer is for, as the run's ledger counts it. */
export const memoryCategories = [
  "parameters",
  "versions",
  "accumulators",
  "activations",
  "boundaries",
  "scratch",
  "optimiser",
  "compensation",
  "replay",
  "algorithm",
  "queue",
] as const;

/** What a buffer of a run is for. */
export type MemoryCategory = (typeof memoryCategories)[number];

/** Bytes, in all and by category. */
export interface MemoryPrediction {
  readonly total: number;
  readonly byCategory: Record<MemoryCategory, number>;
}

/** What the run needs besides the pipeline itself. */
export interface Overheads {
  /**
   * Backward passes that may run at the same moment: threads or devices, 1 for the virtual clock.
   */
  readonly executorCount: number;
  /**
   * Vectors that the compensator keeps, as long as the parameters of the stages with late
   * gradients.
   */
  readonly compensationVectors: number;
  /** Vectors as long as the parameters that the optimiser keeps. */
  readonly optimiserVectors: number;
  /** Replay buffer, bytes. */
  readonly replayBytes: number;
  /** Teacher copies, importance weights and the like, bytes. */
  readonly algorithmBytes: number;
  /** What an algorithm keeps in each executor, such as the features that it predicts by, bytes. */
  readonly executorAlgorithmBytes: number;
  /** Batches that may wait for each worker: 1 for a pipeline, 0 for a learner that takes or drops. */
  readonly queueLength: number;
  /** Items that may wait for their prediction: 0 where each is predicted as it arrives. */
  readonly arrivalSlots: number;
}

/** One executor, and nothing besides the pipeline itself. */
export const noOverheads: Overheads = {
  executorCount: 1,
  compensationVectors: 0,
  optimiserVectors: 0,
  replayBytes: 0,
  algorithmBytes: 0,
  executorAlgorithmBytes: 0,
  queueLength: 1,
  arrivalSlots: 0,
};

/** Overheads from outside; those that are left out are as in `noOverheads`. */
export function checkOverheads(given: unknown): Overheads {
  const fields = Object.keys(noOverheads) as (keyof Overheads)[];
  checkFields(checkObject(given, "overheads"), "overheads", fields);
  const merged = { ...noOverheads, ...(given as Partial<Overheads>) };
  for (const field of fields)
    checkWhole(merged[field], `overheads.${field}`, field === "executorCount" ? 1 : 0);
  return merged;
}

/** Every buffer starts on a 64-byte line and fills whole lines. */
export function align64(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Bytes of one buffer of each kind, by stage. */
export interface StageBytes {
  /** w_i: the stage's parameters; a version, an accumulator and a gradient are as large. */
  readonly parameters: number[];
  /** The parameters of all stages in one vector. */
  readonly model: number;
  /** S_i: saved activations of one item. */
  readonly saved: number[];
  /** The stage's output, then its gradient. */
  readonly boundary: number[];
  /** Largest working space of all stages. */
  readonly scratch: number;
  /** Largest output of all stages at the item batch. */
  readonly prediction: number;
  /** Input of a learn batch. */
  readonly input: number;
  /** Labels of a learn batch. */
  readonly label: number;
  /** Input and labels of an item as it arrives. */
  readonly item: number;
}

/** One walk over the layers: a search does this for thousands of partitions. */
export function stageBytes(profile: Profile, partition: readonly number[]): StageBytes {
  const { layers } = profile;
  const parameters: number[] = [];
  const saved: number[] = [];
  const boundary: number[] = [];
  let model = 0;
  let scratch = 0;
  let prediction = 0;
  for (let stage = 0; stage < partition.length; stage += 1) {
    const end = partition[stage + 1] ?? layers.length;
    let weights = 0;
    let activations = 0;
    let gradient = 0;
    let working = 0;
    for (let index = partition[stage] as number; index < end; index += 1) {
      const layer = layers[index] as LayerProfile;
      weights += layer.parameterBytes;
      activations += align64(index === end - 1 ? layer.lastBytes : layer.innerBytes);
      gradient = Math.max(gradient, layer.gradientBytes);
      working = Math.max(working, layer.scratchBytes);
    }
    const last = layers[end - 1] as LayerProfile;
    model += weights;
    parameters.push(align64(weights));
    saved.push(activations);
    boundary.push(align64(last.outputBytes));
    scratch = Math.max(scratch, align64(2 * gradient + working));
    prediction = Math.max(prediction, align64(last.predictionBytes));
  }
  return {
    parameters,
    model: align64(model),
    saved,
    boundary,
    scratch,
    prediction,
    input: align64(profile.inputBytes),
    label: align64(profile.labelBytes),
    item: align64(profile.itemInputBytes) + align64(profile.itemLabelBytes),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function dot(counts: readonly number[], bytes: readonly number[]): number {
  return counts.reduce((total, count, index) => total + count * (bytes[index] as number), 0);
}

/**
 * The peak of the run's ledger, to the byte: everything is allocated at the start.
 *
 * One stage i, which all workers share:
 *
 * ```
 *  boundary i-1                                          boundary i
 *  [out][out][out] --> stage i, inFlight_i items     --> [out][out] -->
 *                         |        |
 *          parameters  [ w_i ]    [ S_i ] x saved        activations, none with T1:
 *          versions    [ w_i ] x (V_i - 1)               then one working set of
 *          accumulator [ w_i ] if any c^a > 1            max S_i an executor
 *          compensation [ w_i ] x vectors, where gradients can be late
 *
 *  an executor   [ gradient: max w_i ] [ scratch: 2 gradients + kernel space ]
 *                [ 2 prediction buffers ]
 *  a run         [ optimiser ] [ replay ] [ algorithm ]
 *                [ inputs, labels ] counted in boundaries, [ arriving items ] in queue
 *  a worker      [ waiting batch ] in queue
 * ```
 *
 * @param overheads those left out are as in `noOverheads`.
 * @param inFlight the most items in flight at each stage, over all workers; default: as many as
 *   each worker may have by itself.
 * @throws InputError if the partition, a worker, an overhead or a limit is invalid.
 */
export function predictMemory(
  profile: Profile,
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
  overheads: Partial<Overheads> = noOverheads,
  inFlight?: readonly number[],
): MemoryPrediction {
  checkCut(profile, partition);
  checkWorkers(workers, "workers", partition.length);
  const all = checkOverheads(overheads);
  return predictFrom(stageBytes(profile, partition), partition, workers, all, inFlight);
}

/** `predictMemory` where the bytes of the stages are known. */
function predictFrom(
  bytes: StageBytes,
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
  overheads: Overheads,
  inFlight?: readonly number[],
): MemoryPrediction {
  const recomputes = workers.some((worker) => worker.recompute);
  return predictSlots(bytes, slots(partition, workers, inFlight), recomputes, overheads);
}

/** Bytes of a run that no configuration of workers changes, by category. */
export function runBytes(bytes: StageBytes, overheads: Overheads) {
  const weights = sum(bytes.parameters);
  const { executorCount } = overheads;
  return {
    // One vector for the whole model, so that it can be cut again in place.
    parameters: bytes.model,
    accumulators: executorCount * Math.max(...bytes.parameters),
    scratch: executorCount * (bytes.scratch + 2 * bytes.prediction),
    optimiser: overheads.optimiserVectors * weights,
    replay: overheads.replayBytes,
    algorithm: overheads.algorithmBytes + executorCount * overheads.executorAlgorithmBytes,
    queue: overheads.arrivalSlots * bytes.item,
  };
}

/** The same from counts of slots. */
export function predictSlots(
  bytes: StageBytes,
  counts: SharedSlots & Pick<Slots, "labels">,
  recomputes: boolean,
  overheads: Overheads,
): MemoryPrediction {
  const fixed = runBytes(bytes, overheads);
  const workingSet = recomputes ? Math.max(...bytes.saved) : 0;
  const late = bytes.parameters.map((_, stage) => Number(canBeLate(counts, stage)));
  const byCategory: Record<MemoryCategory, number> = {
    parameters: fixed.parameters,
    versions: dot(
      counts.versions.map((count) => count - 1),
      bytes.parameters,
    ),
    accumulators: fixed.accumulators + dot(counts.accumulators.map(Number), bytes.parameters),
    activations: dot(counts.saved, bytes.saved) + overheads.executorCount * workingSet,
    boundaries:
      dot(counts.boundaries, bytes.boundary) +
      counts.inputs * bytes.input +
      sum(counts.labels) * bytes.label,
    scratch: fixed.scratch,
    optimiser: fixed.optimiser,
    compensation: overheads.compensationVectors * dot(late, bytes.parameters),
    replay: fixed.replay,
    algorithm: fixed.algorithm,
    queue: fixed.queue + counts.labels.length * overheads.queueLength * (bytes.input + bytes.label),
  };
  return { total: sum(Object.values(byCategory)), byCategory };
}

/**
 * What PipeDream-2BW would hold under the same ledger: one worker, every stage accumulates over
 * P items, so two versions (double-buffered weights). The budget of "Ferret M".
 */
export function pipeDream2BwMemory(
  profile: Profile,
  partition: readonly number[],
  overheads: Partial<Overheads> = noOverheads,
): MemoryPrediction {
  checkCut(profile, partition);
  const stageCount = partition.length;
  const worker: WorkerConfiguration = {
    recompute: false,
    accumulate: new Array<number>(stageCount).fill(stageCount),
    omit: new Array<number>(stageCount).fill(0),
  };
  return predictMemory(profile, partition, [worker], overheads);
}
