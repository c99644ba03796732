import { parentPort, workerData } from "node:worker_threads";
import { AttachedCells } from "../../memory/cells.js";
import { AttachedMemory } from "../../memory/memory.js";
import type { RunDescription } from "./description.js";
import { buildAlgorithm, buildRun } from "./run.js";
import { workOnce } from "./work.js";

/** What a thread of a run is started with. */
export interface ThreadData {
  readonly description: RunDescription;
  /** Index of this thread and of its executor. */
  readonly index: number;
  /** The algorithm's buffers, and all others but the parameters. */
  readonly algorithmMemory: readonly SharedArrayBuffer[];
  readonly memory: readonly SharedArrayBuffer[];
  readonly cells: readonly SharedArrayBuffer[];
}

/** What a thread tells the engine: that it is ready, or what went wrong. */
export type ThreadMessage = { readonly ready: true } | { readonly error: Error };

/** Milliseconds after which a sleeping thread looks around, whatever happens. */
const doze = 1000;

const tell = (message: ThreadMessage) => parentPort?.postMessage(message);

try {
  const { description, index, ...shared } = workerData as ThreadData;
  const algorithm = await buildAlgorithm(description, new AttachedMemory(shared.algorithmMemory));
  const run = await buildRun(
    description,
    index,
    algorithm,
    new AttachedMemory(shared.memory),
    new AttachedCells(shared.cells),
  );
  tell({ ready: true });
  while (Atomics.load(run.stop, 0) === 0) {
    const seen = run.work.count;
    if (!workOnce(run, index)) run.work.wait(seen, doze);
  }
  run.executor.dispose();
} catch (error) {
  // The others go on; the engine stops them when it has read this.
  tell({ error: error instanceof Error ? error : new Error(String(error)) });
}
