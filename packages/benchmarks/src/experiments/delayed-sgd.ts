import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import { softmaxCrossEntropy } from "@ferret-ocl/ocl-algorithms";
import type { Layer, Model, Optimizer, Runtime } from "@ferret-ocl/pipeline";
import { allocateParameters, findMatrices, Ledger, WholeModel } from "@ferret-ocl/pipeline/engine";
import { PrequentialAccuracy } from "../metrics/prequential.js";
import type { Stream } from "../streams/contract.js";

/** Repairs gradients, or `exact`: each is recomputed with the weights that it is applied to. */
type Repair = Compensator | "exact";

export interface DelayedSgdOptions {
  readonly model: Model;
  readonly runtime: Runtime;
  readonly kernels: VectorKernels;
  readonly stream: Stream;
  readonly repair: Repair;
  readonly optimizer: Optimizer;
  /** Updates between the weights a gradient is computed with and those it is applied to. */
  readonly staleness: number;
  readonly learningRate: number;
  readonly seed: number;
}

export interface DelayedSgdResult {
  /** Online accuracy, percentage points. */
  readonly oacc: number;
  /** Gradients that the compensator did not trust, or that could not be learned from. */
  readonly faults: number;
}

/**
 * Stochastic gradient descent whose gradients all come `staleness` updates late, without the rest
 * of a pipeline: no clock, no dropped items, no techniques that save memory.
 *
 * ```
 * item k comes, is scored with theta[k - tau], and its gradient g is computed with it
 * item k + tau has been scored:  theta[k + 1] = step(theta[k], repair(g))
 * ```
 *
 * As in a pipeline a late gradient is that of a late item: even the exact one knows nothing of the
 * newest tau items. Each layer is a separate stage; theta[k] = theta[0] where k < 0.
 */
export function delayedSgd(options: DelayedSgdOptions): DelayedSgdResult {
  const { model, runtime, kernels, stream, repair, optimizer } = options;
  const { staleness, learningRate, seed } = options;
  const { batch, itemCount, inputLength, classes } = stream;
  const ledger = new Ledger(null);
  const start = allocateParameters(model, ledger, { seed });
  const whole = new WholeModel(model, runtime, batch, ledger, (target) => target.set(start));
  const accuracy = new PrequentialAccuracy({ items: itemCount, batch });
  const spans = layerSpans(model);
  const cut = (all: Float32Array) => spans.map(([from, to]) => all.subarray(from, to));

  // theta[k] lies in slot k mod (staleness + 1).
  const slots = Array.from({ length: staleness + 1 }, (_, slot) =>
    slot === 0 ? start : new Float32Array(start.length),
  );
  const layers = slots.map(cut);
  const slotOf = (version: number) => Math.max(0, version) % slots.length;
  const gradient = new Float32Array(start.length);
  const gradients = cut(gradient);
  const states =
    repair === "exact"
      ? []
      : spans.map(([from, to, layer]) =>
          repair.init({ parameterCount: to - from, matrices: findMatrices([layer]) }),
        );
  const optimizerStates = spans.map(([from, to]) =>
    optimizer.init(
      to - from,
      (length) => new Float32Array(length),
      (count) => new Float64Array(count),
    ),
  );

  const x = new Float32Array(batch * inputLength);
  const labels = new Int32Array(batch);
  const logits = new Float32Array(batch * classes);
  const loss = (output: Float32Array) =>
    softmaxCrossEntropy(output, labels, batch, classes, output);

  let refused = 0;
  /** Whether a gradient may make an update, as in a pipeline: it is finite, and below 1e18. */
  const isSound = (of: Float32Array) =>
    Math.sqrt(kernels.squaredNorm(of)) * Math.max(learningRate, 1) <= 1e18;

  /** theta[k + 1] from the gradient of item k. */
  function learn(k: number): void {
    stream.readItem(k, x, labels);
    const then = repair === "exact" ? k : Math.max(0, k - staleness);
    const newest = slots[slotOf(k)] as Float32Array;
    whole.gradient(slots[slotOf(then)] as Float32Array, x, batch, loss, gradient);
    if (!isSound(gradient)) {
      refused++;
      gradient.fill(0);
    }
    const context = { staleness: k - then, learningRate };
    if (repair !== "exact")
      gradients.forEach((part, layer) => {
        const chain = Array.from(
          { length: k - then + 1 },
          (_, step) => layers[slotOf(then + step)]?.[layer] as Float32Array,
        );
        const stepFactor = optimizer.stepFactor?.(optimizerStates[layer]);
        const state = states[layer];
        repair.update({ gradient: part, versions: chain, state, ...context, stepFactor });
      });
    if (isSound(gradient))
      gradients.forEach((part, layer) => {
        const next = layers[slotOf(k + 1)]?.[layer] as Float32Array;
        const now = layers[slotOf(k)]?.[layer] as Float32Array;
        optimizer.step(next, now, part, optimizerStates[layer], learningRate);
      });
    else slots[slotOf(k + 1)]?.set(newest);
  }

  for (let k = 0; k < itemCount; k++) {
    stream.readItem(k, x, labels);
    whole.logits(slots[slotOf(k - staleness)] as Float32Array, x, batch, logits);
    accuracy.add(countRight(logits, labels, classes), batch);
    if (k >= staleness) learn(k - staleness);
  }
  whole.dispose();
  const faults =
    repair === "exact"
      ? 0
      : states.reduce<number>((sum, state) => sum + (repair.faults?.(state) ?? 0), 0);
  return { oacc: accuracy.oacc, faults: faults + refused };
}

/** Where the parameters of each layer that has some begin and end. */
function layerSpans({ layers }: Model): [number, number, Layer][] {
  let end = 0;
  return layers
    .map((layer): [number, number, Layer] => {
      end += layer.parameterCount;
      return [end - layer.parameterCount, end, layer];
    })
    .filter(([from, to]) => to > from);
}

function countRight(logits: Float32Array, labels: Int32Array, classes: number): number {
  let right = 0;
  labels.forEach((label, sample) => {
    const row = logits.subarray(sample * classes, (sample + 1) * classes);
    if (row.indexOf(Math.max(...row)) === label) right++;
  });
  return right;
}
