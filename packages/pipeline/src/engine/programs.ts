import { layerFootprint, type Stage } from "../model/stage.js";
import type { Runtime, StageProgram } from "../runtime/contract.js";

/** The stage programs of a run, compiled once for each batch size that turns up. */
export class Programs {
  readonly #runtime: Runtime;
  readonly #stages: readonly Stage[];
  readonly #bySize = new Map<number, readonly StageProgram[]>();

  constructor(runtime: Runtime, stages: readonly Stage[]) {
    this.#runtime = runtime;
    this.#stages = stages;
  }

  /** Programs for batches of `size` samples, by stage. */
  at(size: number): readonly StageProgram[] {
    let programs = this.#bySize.get(size);
    if (!programs) {
      programs = this.#stages.map(({ layers }) => this.#runtime.compile(layers, size));
      this.#bySize.set(size, programs);
    }
    return programs;
  }

  /** Working space that serves every program compiled so far: the largest stage's. */
  get scratchBytes(): number {
    const sizes = [...this.#bySize.keys()];
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
    for (const programs of this.#bySize.values()) for (const program of programs) program.dispose();
    this.#bySize.clear();
  }
}
