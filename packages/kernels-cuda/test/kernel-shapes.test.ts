import {
  compensatorNames,
  createCompensator,
  type ParameterMatrix,
  referenceKernels,
} from "@ferret-ocl/compensation";
import { kernelChecks } from "@ferret-ocl/compensation/testing";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../src/index.js";
import { recordKernels } from "./kernel-recorder.js";

// What holds kernels to their contract must ask for every shape that a compensator hands over.

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const checked = recordKernels(referenceKernels);
for (const length of [0, 1, 17])
  for (const { run } of kernelChecks) run(checked.kernels, length, generator(length));

/** Parameters of a stage: matrices, and what lies beside them. */
const stages: readonly { name: string; count: number; matrices?: ParameterMatrix[] }[] = [
  { name: "no parameters", count: 0, matrices: [] },
  { name: "one parameter", count: 1, matrices: [] },
  { name: "a vector", count: 7, matrices: [] },
  { name: "matrices unknown", count: 12 },
  { name: "a matrix", count: 12, matrices: [{ offset: 0, rows: 4, columns: 3 }] },
  { name: "one row", count: 5, matrices: [{ offset: 0, rows: 1, columns: 5 }] },
  { name: "one column", count: 5, matrices: [{ offset: 0, rows: 5, columns: 1 }] },
  { name: "one element", count: 1, matrices: [{ offset: 0, rows: 1, columns: 1 }] },
  {
    name: "a vector, a matrix, one parameter, a matrix, a vector",
    count: 3 + 12 + 1 + 4 + 2,
    matrices: [
      { offset: 3, rows: 4, columns: 3 },
      { offset: 16, rows: 2, columns: 2 },
    ],
  },
];

/** Updates and fused steps, fresh and stale, into the newest version and elsewhere. */
function train(name: string, kernels: typeof referenceKernels, stage: (typeof stages)[number]) {
  const random = generator(5);
  const compensator = createCompensator(name, {}, kernels);
  const state = compensator.init({ parameterCount: stage.count, matrices: stage.matrices });
  const vector = () => Float32Array.from({ length: stage.count }, () => random() - 0.5);
  for (const staleness of [0, 1, 2, 5, 1, 0]) {
    const versions = Array.from({ length: staleness + 1 }, vector);
    const late = { versions, state, staleness, learningRate: 0.1 };
    compensator.update({ gradient: vector(), ...late });
    for (const destination of [vector(), versions.at(-1) as Float32Array])
      compensator.step?.({ destination, gradient: vector(), ...late });
  }
}

const places = [
  ["reference", referenceKernels],
  ["native", loadKernels().report.chosen === "cpu" ? loadKernels().kernels : null],
] as const;

describe.each(compensatorNames)("%s", (name) => {
  it.each(stages)("hands kernels only what their checks ask for: $name", (stage) => {
    for (const [, kernels] of places) {
      if (!kernels) continue;
      const recorded = recordKernels(kernels);
      train(name, recorded.kernels as typeof referenceKernels, stage);
      expect([...recorded.shapes].filter((shape) => !checked.shapes.has(shape))).toEqual([]);
    }
  });
});
