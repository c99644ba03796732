import type { Plan } from "@ferret-ocl/planner";
import { InputError } from "../errors.js";
import type { Executor } from "../execute/executor.js";
import type { PlanSwitch } from "../learner/by-hand/replan.js";
import type { MemoryUse } from "../memory/ledger.js";
import type { Collapse } from "../metrics/collapse-watch.js";
import type { BookedCounts } from "../metrics/metrics-book.js";
import { nameParameters } from "../model/files/parameters.js";
import type { Model } from "../model/spec.js";
import { giveByLayer, type StageState, takeByLayer } from "./by-layer.js";
import { type StateTensor, type StateTensors, tensorLike } from "./parts.js";

/** Where the run's clock stands. */
export type ClockState =
  /** Nanoseconds: now, and when the next item is due. */
  | { readonly kind: "virtual"; readonly now: number; readonly arrival: number }
  | { readonly kind: "threads"; readonly mostLate: number };

/** What a learner is besides its tensors, as plain data. */
export interface LearnerFacts {
  /** What its tensors belong to. */
  readonly model: string;
  readonly algorithm: string;
  readonly compensation: string;
  readonly optimizer: string;
  /** The plan at work, and the ledger's bytes under it. */
  readonly plan: Plan;
  readonly held: number;
  readonly peak: MemoryUse;
  readonly switches: readonly PlanSwitch[];
  readonly clock: ClockState;
  /**
   * Items that have come; of them those that were predicted before they were learned, that came with
   * something to learn, and that were taken in.
   */
  readonly items: number;
  readonly predicted: number;
  readonly offered: number;
  readonly admitted: number;
  readonly counts: BookedCounts;
  readonly collapse: Collapse | null;
  /** By stage: the most weight versions alive at once. */
  readonly mostHeld: readonly number[];
  /** Gradients that the algorithm has asked the model for, while it composed and at updates. */
  readonly draws: { readonly composing: number; readonly updating: number };
}

/**
 * All that a learner is at a moment at which nothing is in flight: a copy, by layer rather than by
 * stage. It fits any plan, number of threads and clock.
 */
export interface LearnerState {
  readonly facts: LearnerFacts;
  readonly tensors: StateTensors;
}

const algorithmState = "algorithm/state";

/** Copies parameters and what compensator and optimizer keep. Nothing may be in flight. */
export function takeExecutor(tensors: Map<string, StateTensor>, executor: Executor): void {
  const { model } = executor;
  const parameters = new Float32Array(model.parameterCount);
  executor.readNewest(parameters);
  for (const [name, tensor] of nameParameters(model, parameters))
    tensors.set(`parameters/${name}`, tensor);
  takeByLayer(tensors, "compensation", model, stagesOf(executor, "compensation"));
  takeByLayer(tensors, "optimizer", model, stagesOf(executor, "optimiser"));
}

/**
 * The parameters of a state.
 * @throws InputError if they are not those of the model.
 */
export function parametersOf({ facts, tensors }: LearnerState, model: Model): Float32Array {
  if (facts.model !== model.name)
    throw new InputError(
      `Expected the state of the model ${facts.model} to go on with that model but received ` +
        `${model.name}; give the model that was saved`,
    );
  const parameters = new Float32Array(model.parameterCount);
  for (const [name, { values }] of nameParameters(model, parameters))
    values.set(tensorLike(tensors, `parameters/${name}`, values) as Float32Array);
  return parameters;
}

/**
 * Fills what compensator and optimizer keep.
 * @returns a sentence for people if the compensation is another one, whose state starts anew.
 * @throws InputError if the optimizer is another one.
 */
export function giveExecutor(state: LearnerState, executor: Executor): string | null {
  const { facts, tensors } = state;
  const { model, optimizer, compensation } = executor;
  if (facts.optimizer !== optimizer)
    throw new InputError(
      `Expected the optimizer ${facts.optimizer}, as the saved learner had it, but received ` +
        `${optimizer}; go on with that one, or create another learner from the weights`,
    );
  const layers = model.layers.map(({ parameterCount }) => parameterCount);
  const before = facts.plan.partition.map((first) =>
    layers.slice(0, first).reduce((sum, count) => sum + count, 0),
  );
  giveByLayer(tensors, "optimizer", model, stagesOf(executor, "optimiser"), before);
  if (facts.compensation !== compensation)
    return (
      `Late gradients were repaired with ${facts.compensation} when the learner was saved, and are ` +
      `with ${compensation} from now on: its state starts anew`
    );
  giveByLayer(tensors, "compensation", model, stagesOf(executor, "compensation"), before);
  return null;
}

/** An algorithm as far as its state goes. */
interface Saving {
  readonly name?: string;
  save?(): Uint8Array;
  restore?(saved: Uint8Array): void;
}

/** @throws InputError for an algorithm that cannot be saved. */
export function expectSaves({ name, save, restore }: Saving): void {
  if (typeof save === "function" && typeof restore === "function") return;
  throw new InputError(
    `Expected save and restore of the algorithm ${name ?? "without a name"}, whose state belongs to a ` +
      "checkpoint, but it has none; give it both, AlgorithmState of @ferret-ocl/ocl-algorithms " +
      "writes one",
  );
}

/** @throws InputError for an algorithm that cannot be saved, or gives something else. */
export function saveAlgorithm(algorithm: Saving): Uint8Array {
  expectSaves(algorithm);
  const saved: unknown = algorithm.save?.();
  if (saved instanceof Uint8Array) return Uint8Array.from(saved);
  throw new InputError(
    `Expected bytes, a Uint8Array, from save of the algorithm ${algorithm.name} but received ` +
      `${saved === null ? "null" : typeof saved}`,
  );
}

export function takeAlgorithm(tensors: Map<string, StateTensor>, saved: Uint8Array): void {
  tensors.set(algorithmState, { shape: [saved.length], values: saved });
}

/**
 * What `takeAlgorithm` was given.
 * @throws InputError if it is missing.
 */
export function algorithmStateOf({ tensors, facts }: LearnerState): Uint8Array {
  const values = tensors.get(algorithmState)?.values;
  if (values instanceof Uint8Array) return values;
  throw new InputError(
    `Expected ${algorithmState} of ${facts.algorithm} in a checkpoint but there is none; open another one`,
  );
}

function stagesOf(executor: Executor, which: "compensation" | "optimiser"): StageState[] {
  let end = 0;
  return executor.stages.map(({ parameterCount: length }, stage) => {
    const offset = end;
    end += length;
    return { offset, length, kept: executor.updates[stage]?.[which] as StageState["kept"] };
  });
}
