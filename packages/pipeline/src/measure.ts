import type { Compensator } from "@ferret-ocl/compensation";
import type { Layer } from "./model/layer.js";
import { findMatrices } from "./model/matrices.js";
import { elementCount } from "./model/shape.js";
import type { Runtime } from "./runtime/contract.js";

/** Median milliseconds of the passes through a layer, and how far the middle half spreads. */
export interface LayerTimes {
  readonly forwardTime: number;
  readonly backwardTime: number;
  /** Of the backward pass in two parts: the gradient at the input alone. */
  readonly backwardInputTime: number;
  /** Those at the parameters alone; 0 where there are none. */
  readonly backwardWeightsTime: number;
  /** Interquartile range divided by the median, the larger of forward and backward. */
  readonly spread: number;
}

/** How often passes are run to time them. */
interface Effort {
  /** Runs that count, where they are short. */
  readonly runs: number;
  /** Milliseconds of all runs before they may end. */
  readonly least: number;
  /** Milliseconds after which three runs that count are enough: long ones hardly spread. */
  readonly most: number;
}

const layerEffort: Effort = { runs: 9, least: 60, most: 300 };
/** A compensator is measured for many layers, and one pass is like the other. */
const repairEffort: Effort = { runs: 5, least: 3, most: 10 };

const warmUpRuns = 3;
const warmUpOfLongRuns = 1;
const longRuns = 3;

/**
 * Times one layer alone, as a separate stage, in runs in which its passes take turns.
 * @param options `isFirst`: the model's first layer, whose backward pass needs no gradient at its
 * input.
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
  const warmUp = repeat(layerEffort, () => {
    for (const pass of measuredPasses) times[pass].push(durationOf(passes[pass]));
  });
  for (const pass of measuredPasses) times[pass].splice(0, warmUp);
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

/**
 * Median milliseconds in which a compensator takes in a gradient of one layer that is one update
 * late, repairs it and makes the step of plain descent; if it cannot make steps, the repair alone.
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
  const repair = () => (compensator.step ? compensator.step(late) : compensator.update(late));
  const times: number[] = [];
  const warmUp = repeat(repairEffort, () => {
    gradient.set(source);
    times.push(durationOf(repair));
  });
  return quantile(times.slice(warmUp), 0.5);
}

/** @returns how many of the first runs do not count. */
function repeat({ runs, least, most }: Effort, run: () => void): number {
  const began = performance.now();
  for (let done = 1; ; done++) {
    run();
    const elapsed = performance.now() - began;
    if (done >= warmUpRuns + runs && elapsed > least) return warmUpRuns;
    if (done >= warmUpOfLongRuns + longRuns && elapsed > most) return warmUpOfLongRuns;
  }
}

function durationOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Between -1/2 and 1/2, and again after so many: millions of sines take longer than the passes. */
function numbers(length: number, period = 8191): Float32Array {
  const result = new Float32Array(length);
  for (let index = 0; index < Math.min(length, period); index++)
    result[index] = Math.sin(index * 12.9898) / 2;
  for (let done = period; done < length; done *= 2) result.copyWithin(done, 0, done);
  return result;
}

function quantile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] as number;
}

function relativeSpread(values: number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / Math.max(quantile(values, 0.5), 1e-9);
}
