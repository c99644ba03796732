import { parentPort, workerData } from "node:worker_threads";
import { expectSaves, saveAlgorithm } from "../../checkpoint/learner-state.js";
import { attachModel, type WholeModel } from "../../execute/whole-model.js";
import { AttachedCells } from "../../memory/cells.js";
import type { Halt } from "../../memory/halt.js";
import { AttachedMemory } from "../../memory/memory.js";
import { loadRuntime } from "../../runtime/load.js";
import { buildAlgorithm, buildRun, type Run } from "./run.js";
import { executorsOf, type RunDescription } from "./run-description.js";
import { describeFailure, type ThreadFailure } from "./thread-failure.js";
import { composeOnce, workOnce } from "./work.js";

/** What a thread of a run is started with. */
export interface ThreadData {
  readonly description: RunDescription;
  /** Index of this thread, and of its executor where it has one of its own. */
  readonly index: number;
  /** The algorithm's buffers, and all others but the parameters. */
  readonly algorithmMemory: readonly SharedArrayBuffer[];
  readonly memory: readonly SharedArrayBuffer[];
  readonly cells: readonly SharedArrayBuffer[];
  /** Of the thread that composes and does nothing else: the buffers of its model; null of others. */
  readonly composes: readonly SharedArrayBuffer[] | null;
  /** Of the same thread: what its algorithm goes on from; null: from nothing. */
  readonly algorithm: SavedAlgorithm | null;
}

/** What a thread that composes keeps for itself. */
export interface SavedAlgorithm {
  readonly state: Uint8Array;
  /** Gradients that it has asked the model for. */
  readonly draws: number;
}

/** What a thread tells the clock: that it is ready, its algorithm's state, or what went wrong. */
export type ThreadMessage =
  | { readonly ready: true }
  | { readonly saved: SavedAlgorithm }
  | { readonly failure: ThreadFailure };

/** Milliseconds after which a sleeping thread looks around, whatever happens. */
const doze = 1000;

const tell = (message: ThreadMessage) => parentPort?.postMessage(message);

let halt: Halt | null = null;
// Where the thread ends in the middle of its work (`process.exit` in an algorithm), nobody may wait
// for the locks that it holds.
process.on("exit", () => halt?.giveUp());

try {
  const { description, index, ...shared } = workerData as ThreadData;
  const algorithm = await buildAlgorithm(description, new AttachedMemory(shared.algorithmMemory));
  const run = await buildRun(
    description,
    shared.composes ? executorsOf(description).bringer : index,
    algorithm,
    new AttachedMemory(shared.memory),
    new AttachedCells(shared.cells),
  );
  halt = run.executor.halt;
  const access = shared.composes && (await attachTo(run, shared.composes));
  if (access && shared.algorithm) {
    expectSaves(algorithm);
    algorithm.restore?.(shared.algorithm.state);
    access.draws = shared.algorithm.draws;
  }
  tell({ ready: true });
  const [bell, doNext] = access ? [run.composing.asked, composeOnce] : [run.work, workOnce];
  while (Atomics.load(run.stop, 0) === 0) {
    const seen = bell.count;
    if (access && run.composing.isStateAsked) {
      tell({ saved: { state: saveAlgorithm(algorithm), draws: access.draws } });
      run.composing.end();
    }
    if (!doNext(run, index)) bell.wait(seen, doze);
  }
  access?.dispose();
  halt = null;
  run.executor.dispose();
} catch (error) {
  // Where another thread has died, it is that which is to be told; the clock stops this one then.
  if (halt?.isGivenUp) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 * doze);
  // Else the others go on, and the clock stops them when it has read this.
  else tell({ failure: describeFailure(error) });
  halt = null;
}

/** Gives the algorithm of a thread that composes the model. */
async function attachTo(
  { algorithm, executor }: Run,
  buffers: readonly SharedArrayBuffer[],
): Promise<WholeModel | null> {
  const { model, runtime: choice } = (workerData as ThreadData).description;
  const { runtime, kernels } = await loadRuntime(choice);
  const ledger = new AttachedMemory(buffers);
  return attachModel({ model, runtime, ledger, algorithm, kernels }, (target) =>
    executor.readNewest(target),
  );
}
