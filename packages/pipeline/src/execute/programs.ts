import { layerFootprint, type Stage } from "../model/stage.js";
import type { ProgramMode, Runtime, StageProgram } from "../runtime/contract.js";

/** The stage programs of a run, compiled once for each batch size and purpose that turns up. */
export class Programs {
  readonly #runtime: Runtime;
  readonly #stages: readonly Stage[];
  readonly #compiled = new Map<number, Partial<Record<ProgramMode, readonly StageProgram[]>>>();

  constructor(runtime: Runtime, stages: readonly Stage[]) {
    this.#runtime = runtime;
    this.#stages = stages;
  }

  /** Programs for batches of `size` samples, by stage. */
  at(size: number, mode: ProgramMode = "learn"): readonly StageProgram[] {
    let byMode = this.#compiled.get(size);
    if (!byMode) {
      byMode = {};
      this.#compiled.set(size, byMode);
    }
    byMode[mode] ??= this.#stages.map(({ layers }) => this.#runtime.compile(layers, size, mode));
    return byMode[mode];
  }

  /** Working space that serves every program compiled so far: the largest stage's. */
  get scratchBytes(): number {
    const sizes = [...this.#compiled.keys()];
    const most = (measure: (size: number) => number) => Math.max(...sizes.map(measure));
    return Math.max(
      ...this.#stages.map(({ layers }) => {
        const gradients = layers.map((layer) =>
          most((size) => layerFootprint(layer, size).gradient),
        );
        const working = layers.map((layer) =>
          most((size) => this.#runtime.layerScratchBytes(layer, size)),
        );
        return 2 * Math.max(...gradients) + Math.max(...working);
      }),
    );
  }

  dispose(): void {
    for (const byMode of this.#compiled.values())
      for (const programs of Object.values(byMode))
        for (const program of programs) program.dispose();
    this.#compiled.clear();
  }
}
