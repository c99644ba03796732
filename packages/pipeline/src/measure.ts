import type { Compensator } from "@ferret-ocl/compensation";
import type { Layer } from "./model/layer.js";
import { findMatrices } from "./model/matrices.js";
import { elementCount } from "./model/shape.js";
import type { Runtime } from "./runtime/contract.js";

/** Median milliseconds of the passes through a layer, and how far the middle half spreads. */
export interface LayerTimes {
  readonly forwardTime: number;
  readonly backwardTime: number;
  /** Of the backward pass in two: the gradient at the input alone. */
  readonly backwardInputTime: number;
  /** Those at the parameters alone; 0 where there are none. */
  readonly backwardWeightsTime: number;
  /** Interquartile range over median, the larger one of forward and backward. */
  readonly spread: number;
}

const warmUpRuns = 3;
const leastRuns = 9;
/** Milliseconds after which a layer has been measured long enough. */
const longEnough = 60;

/**
 * Times one layer alone, as a stage of its own, in runs in which its passes take turns.
 * @param options `isFirst`: the model's first layer, whose backward pass has no use for a gradient
 * at its input.
 */
export function measureLayer(
  runtime: Runtime,
  layer: Layer,
  batch: number,
  { isFirst = false }: { readonly isFirst?: boolean } = {},
): LayerTimes {
  const program = runtime.compile([layer], batch);
  const parameters = numbers(layer.parameterCount);
  const input = numbers(batch * elementCount(layer.inputShape));
  const output = new Float32Array(batch * elementCount(layer.outputShape));
  const saved = new Uint8Array(program.savedBytes);
  const pending = new Uint8Array(program.pendingBytes);
  const scratch = new Uint8Array(program.scratchBytes);
  const inputGradient = isFirst ? null : new Float32Array(input.length);
  const gradient = new Float32Array(layer.parameterCount);
  const passes = {
    forward: () => program.forward(parameters, input, saved, output, scratch),
    backward: () =>
      program.backward(parameters, input, saved, output, inputGradient, gradient, scratch),
    input: () =>
      program.backwardInput(parameters, input, saved, output, inputGradient, pending, scratch),
    weights: () => program.backwardWeights(saved, pending, gradient, scratch),
  };
  const times = { forward: [], backward: [], input: [], weights: [] } as Record<
    keyof typeof passes,
    number[]
  >;
  // Without parameters the two halves are the whole and nothing.
  const isWhole = layer.parameterCount === 0;
  const measuredPasses = (Object.keys(passes) as (keyof typeof passes)[]).slice(0, isWhole ? 2 : 4);
  const began = performance.now();
  for (let run = 0; ; run++) {
    for (const pass of measuredPasses) {
      const start = performance.now();
      passes[pass]();
      const end = performance.now();
      if (run >= warmUpRuns) times[pass].push(end - start);
    }
    if (run + 1 >= warmUpRuns + leastRuns && performance.now() - began > longEnough) break;
  }
  program.dispose();
  const backwardTime = quantile(times.backward, 0.5);
  return {
    forwardTime: quantile(times.forward, 0.5),
    backwardTime,
    backwardInputTime: isWhole ? backwardTime : quantile(times.input, 0.5),
    backwardWeightsTime: isWhole ? 0 : quantile(times.weights, 0.5),
    spread: Math.max(relativeSpread(times.forward), relativeSpread(times.backward)),
  };
}

/** The same of a compensator: it is measured for many layers, and one pass is like the other. */
const leastRepairs = 5;
const longEnoughRepairs = 3;

/**
 * Median milliseconds in which a compensator takes in a gradient of one layer that is an update late,
 * repairs it and makes the step of plain descent; where it cannot make steps, the repair alone.
 */
export function measureRepair(compensator: Compensator<unknown>, layer: Layer): number {
  const { parameterCount } = layer;
  if (parameterCount === 0 || compensator.leavesGradients === true) return 0;
  const state = compensator.init({ parameterCount, matrices: findMatrices([layer]) });
  const source = numbers(parameterCount);
  const gradient = new Float32Array(parameterCount);
  const destination = new Float32Array(parameterCount);
  const versions = [source, source.map((value) => 1.001 * value)];
  const late = { destination, gradient, versions, state, staleness: 1, learningRate: 1e-3 };
  const times: number[] = [];
  const began = performance.now();
  for (let run = 0; ; run++) {
    gradient.set(source);
    const start = performance.now();
    if (compensator.step) compensator.step(late);
    else compensator.update(late);
    const end = performance.now();
    if (run >= warmUpRuns) times.push(end - start);
    if (run + 1 >= warmUpRuns + leastRepairs && end - began > longEnoughRepairs) break;
  }
  return quantile(times, 0.5);
}

function numbers(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898) / 2);
}

function quantile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] as number;
}

function relativeSpread(values: number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / Math.max(quantile(values, 0.5), 1e-9);
}
