import type { Memory } from "../memory/memory.js";
import type { Stage } from "../model/stage.js";
import type { Runtime, StageProgram } from "../runtime/contract.js";
import type { FeatureLayer } from "./feature-layer.js";
import { Fronts } from "./fronts.js";

/** Bytes that a `FeatureTap` takes of each executor. */
export function featureBytes(layer: FeatureLayer | null, batch: number): number {
  return layer ? 4 * batch * layer.length : 0;
}

/**
 * The forward pass of the stage that holds a layer, in two programs, so that what the layer gives
 * stays when the pass goes on:
 *
 * ```
 *            stage
 * input --> [.. layer] --> features --> [..] --> output
 * ```
 */
export class FeatureTap {
  /** The stage whose pass it makes. */
  readonly stage: number;
  /** Of the last pass, [batch, length]. */
  readonly features: Float32Array;
  /** Values of one sample. */
  readonly length: number;
  readonly #before: StageProgram;
  /** Null where the layer ends the stage. */
  readonly #behind: StageProgram | null;
  readonly #fronts = new Fronts();
  /** By vector of the stage's parameters: the part behind the layer. Each is made once. */
  readonly #rests = new WeakMap<Float32Array, Float32Array>();

  constructor(
    runtime: Runtime,
    stages: readonly Stage[],
    { index, length }: FeatureLayer,
    batch: number,
    features: Float32Array,
  ) {
    let first = 0;
    let stage = 0;
    while (first + (stages[stage] as Stage).layers.length <= index)
      first += (stages[stage++] as Stage).layers.length;
    const { layers } = stages[stage] as Stage;
    const end = index - first + 1;
    this.stage = stage;
    this.features = features;
    this.length = length;
    this.#before = runtime.compile(layers.slice(0, end), batch, "predict");
    this.#behind =
      end < layers.length ? runtime.compile(layers.slice(end), batch, "predict") : null;
  }

  /** As `forward` of the stage's program. */
  forward(
    parameters: Float32Array,
    input: Float32Array,
    output: Float32Array,
    scratch: Uint8Array,
  ): void {
    const { features } = this;
    const first = this.#fronts.of(parameters, this.#before.parameterCount);
    this.#before.forward(first, input, null, features, scratch);
    if (this.#behind) this.#behind.forward(this.#rest(parameters), features, null, output, scratch);
    else output.set(features);
  }

  /** Gives the programs back. */
  dispose(): void {
    this.#before.dispose();
    this.#behind?.dispose();
  }

  #rest(parameters: Float32Array): Float32Array {
    let rest = this.#rests.get(parameters);
    if (!rest) {
      rest = parameters.subarray(this.#before.parameterCount);
      this.#rests.set(parameters, rest);
    }
    return rest;
  }
}

/** One buffer for each executor; gives that of `index`. */
export function allocateFeatures(
  layer: FeatureLayer,
  batch: number,
  memory: Memory,
  { index, count }: { readonly index: number; readonly count: number },
): Float32Array {
  const buffers = Array.from({ length: count }, () =>
    memory.floats("algorithm", featureBytes(layer, batch) / 4),
  );
  return buffers[index] as Float32Array;
}
