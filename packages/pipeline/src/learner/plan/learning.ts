import { noOverheads, type Overheads, type Profile } from "@ferret-ocl/planner";
import { InputError } from "../../errors.js";
import { checkAlgorithm } from "../../execute/check-algorithm.js";
import { hookBytes } from "../../execute/hooks.js";
import { inputSlotBytes } from "../../execute/reference-batch.js";
import type { Ledger } from "../../memory/ledger.js";
import type { Model } from "../../model/spec.js";
import { withAlgorithm } from "../../profile.js";
import type { Runtime } from "../../runtime/contract.js";
import type { AlgorithmChoice, AlgorithmSettings, CountedAlgorithm } from "./load-algorithm.js";
import { shapeOf } from "./stream-shape.js";

/** An algorithm for items of one size, and what it costs. */
export interface Learning {
  /** An instance that only says what it needs. */
  readonly needs: CountedAlgorithm;
  /** Durations and bytes of the model, and the same with what the algorithm adds. */
  readonly bare: Profile;
  readonly profile: Profile;
  /** Of the algorithm and the optimizer; one executor, no queue, no compensation. */
  readonly overheads: Overheads;
  /** An instance to learn with, its buffers from the ledger. */
  create(ledger: Ledger): CountedAlgorithm;
}

/** Options of `learningOf`. */
export interface LearningRequest {
  readonly algorithm: AlgorithmChoice;
  readonly settings: AlgorithmSettings;
  readonly model: Model;
  readonly runtime: Runtime;
  /** Samples of an item. */
  readonly batch: number;
  /** Vectors that the optimizer keeps, as long as the parameters. */
  readonly optimiserVectors: number;
  /** The profile of the model alone, for a number of samples that are learned together. */
  profileFor(learnBatch: number): Profile;
  /** Called with the bytes that the algorithm will take, before it is known whether they fit. */
  readonly onBytes?: (bytes: number) => void;
}

/** Creates the algorithm once to learn what it needs, and adds that to profile and overheads. */
export function learningOf(request: LearningRequest): Learning {
  const { algorithm, settings, model, runtime, optimiserVectors, onBytes } = request;
  const shape = shapeOf(model, request.batch);
  let taken = 0;
  const needs = algorithm.create(shape, {
    ...settings,
    allocate: (_, bytes) => {
      taken += bytes;
      onBytes?.(taken);
      return reserve(bytes, taken);
    },
  });
  // Before anything is measured for it.
  checkAlgorithm(needs, model);
  const { memoryBytes } = needs;
  const bare = request.profileFor(needs.learnBatch);
  const { shared, perExecutor } = hookBytes(needs, model, runtime, bare.batch);
  return {
    needs,
    bare,
    profile: { ...withAlgorithm(bare, needs), inputBytes: inputSlotBytes(model, needs) },
    overheads: {
      ...noOverheads,
      queueLength: 0,
      optimiserVectors,
      replayBytes: memoryBytes.replay,
      algorithmBytes: memoryBytes.algorithm + shared,
      executorAlgorithmBytes: perExecutor,
    },
    create: (ledger) =>
      algorithm.create(shape, {
        ...settings,
        allocate: (category, bytes) => ledger.allocate(category, bytes),
      }),
  };
}

/** @throws InputError if this machine does not have that much memory. */
function reserve(bytes: number, taken: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (error) {
    throw new InputError(
      `Expected the algorithm's buffers to fit into this machine's memory but it takes ${taken} ` +
        "bytes; ask for less in its options",
      { cause: error },
    );
  }
}
