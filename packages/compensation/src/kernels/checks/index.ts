import type { VectorKernels } from "../contract.js";
import { checkElementwise, checkProducts } from "./elementwise.js";
import { checkMatrix } from "./matrix.js";
import { checkMisfits } from "./misfits.js";
import { checkPenalty } from "./penalty.js";
import { checkRankOne } from "./rank-one.js";
import { checkSecant } from "./secant.js";

/** One claim about a set of kernels; `run` throws where it does not hold. */
export interface KernelCheck {
  readonly claim: string;
  run(kernels: VectorKernels, length: number, random: () => number): void;
}

/**
 * Checks that any implementation of the vector kernels must pass, against the formulas in double
 * precision. `length` is the length of the vectors, `random` gives numbers in [0, 1).
 */
export const kernelChecks: readonly KernelCheck[] = [
  {
    claim: "iterativeFisher applies one clamped factor for each step between versions",
    run(kernels, length, random) {
      for (const count of [2, 4]) {
        const versions = Array.from({ length: count }, () => vector(length, random));
        const gradient = vector(length, random);
        const expected = repairedBy(gradient, versions);
        kernels.iterativeFisher(gradient, versions, 0.7);
        compare("gradient", gradient, expected);
      }
    },
  },
  {
    claim: "iterativeFisher leaves a gradient without staleness alone",
    run(kernels, length, random) {
      const gradient = vector(length, random);
      const expected = Array.from(gradient);
      kernels.iterativeFisher(gradient, [vector(length, random)], 0.7);
      compare("gradient", gradient, expected, 0);
    },
  },
  {
    claim: "iterativeFisherSgd, where there is one, repairs the gradient and steps, in place too",
    run(kernels, length, random) {
      if (!kernels.iterativeFisherSgd) return;
      for (const count of [1, 2, 4]) {
        const versions = Array.from({ length: count }, () => vector(length, random));
        const newest = versions[count - 1] as Float32Array;
        const gradient = vector(length, random);
        const kept = gradient.slice();
        const expected = repairedBy(gradient, versions).map(
          (repaired, index) => newest[index]! - 0.3 * repaired,
        );
        const destination = vector(length, random);
        kernels.iterativeFisherSgd(destination, newest, gradient, versions, 0.7, 0.3);
        compare("destination", destination, expected);
        kernels.iterativeFisherSgd(newest, newest, gradient, versions, 0.7, 0.3);
        compare("source", newest, expected);
        compare("gradient", gradient, kept, 0);
      }
    },
  },
  {
    claim: "iterativeFisherStatistics updates both averages and gives both products",
    run(kernels, length, random) {
      const [gradient, newest, previous, residual, fisher] = Array.from({ length: 5 }, () =>
        vector(length, random),
      ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
      const sums = new Float64Array(2);
      const products = [0, 0] as [number, number];
      const expected = Array.from(gradient, (g, index) => {
        const difference = 0.1 * (g - residual[index]!);
        const average = 0.9 * fisher[index]! + 0.1 * g * g * (newest[index]! - previous[index]!);
        products[0] += average * difference;
        products[1] += average * average;
        return { average, residual: 0.9 * residual[index]! + 0.1 * g };
      });
      kernels.iterativeFisherStatistics(gradient, newest, previous, residual, fisher, 0.9, sums);
      compare(
        "fisherAverage",
        fisher,
        expected.map(({ average }) => average),
      );
      compare(
        "residualAverage",
        residual,
        expected.map((each) => each.residual),
      );
      compare("sums", sums, products, 1e-5 * Math.sqrt(length + 1));
    },
  },
  {
    claim: "sgd steps against the gradient, in place too, and along itself",
    run(kernels, length, random) {
      for (const rate of [0.3, 0, -0.3]) {
        const source = vector(length, random);
        const gradient = vector(length, random);
        const expected = Array.from(source, (value, index) => value - rate * gradient[index]!);
        const destination = vector(length, random);
        kernels.sgd(destination, source, gradient, rate);
        compare("destination", destination, expected);
        kernels.sgd(source, source, gradient, rate);
        compare("source", source, expected);
        const scaled = Array.from(gradient, (value) => (1 - rate) * value);
        kernels.sgd(gradient, gradient, gradient, rate);
        compare("gradient", gradient, scaled);
      }
    },
  },
  {
    claim: "add sums into the accumulator",
    run(kernels, length, random) {
      const accumulator = vector(length, random);
      const gradient = vector(length, random);
      const expected = Array.from(accumulator, (value, index) => value + gradient[index]!);
      kernels.add(accumulator, gradient);
      compare("accumulator", accumulator, expected);
    },
  },
  {
    claim: "the element-by-element methods repair and step, in place too",
    run: (kernels, length, random) =>
      checkElementwise(kernels, length, (count) => vector(count, random), compare),
  },
  {
    claim: "squaredNorm and changeProducts sum in double precision",
    run: (kernels, length, random) =>
      checkProducts(kernels, length, (count) => vector(count, random), compare),
  },
  {
    claim: "the kernels of penalties, where there are some, give the bits of their formulas",
    run: (kernels, length, random) =>
      checkPenalty(kernels, length, (count) => vector(count, random), compare),
  },
  {
    claim: "projectColumns, where there is one, sums along rows in double precision",
    run: (kernels, length, random) =>
      checkMatrix(kernels, length, (count) => vector(count, random), compare),
  },
  {
    claim: "the kernels of rank-one repair, where there are some, sum, repair and step",
    run: (kernels, length, random) =>
      checkRankOne(kernels, length, (count) => vector(count, random), compare),
  },
  {
    claim: "the kernels of secants, where there are some, sum, repair and move averages on",
    run: (kernels, length, random) =>
      checkSecant(kernels, length, (count) => vector(count, random), compare),
  },
  {
    claim:
      "arguments that do not fit each other are refused by a TypeError, and nothing is written",
    run(kernels, length, random) {
      // They have a length of their own: once is enough.
      if (length === 0) checkMisfits(kernels, (count) => vector(count, random));
    },
  },
];

/** A gradient repaired for each step between versions, at lambda 0.7. */
function repairedBy(gradient: Float32Array, versions: readonly Float32Array[]): number[] {
  return Array.from(gradient, (value, index) => {
    let repaired = value;
    for (let step = 1; step < versions.length; step++) {
      const change = versions[step]![index]! - versions[step - 1]![index]!;
      repaired *= Math.min(2, Math.max(0, 1 + 0.7 * repaired * change));
    }
    return repaired;
  });
}

/** Numbers in [-2, 2), in an array that starts off a 64-byte line. */
function vector(length: number, random: () => number): Float32Array {
  const buffer = new Float32Array(length + 3).subarray(3);
  for (let index = 0; index < length; index++) buffer[index] = 4 * random() - 2;
  return buffer;
}

function compare(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-5,
): void {
  for (let index = 0; index < expected.length; index++) {
    const [got, want] = [actual[index] as number, expected[index] as number];
    if (!(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want))))
      throw new Error(`Expected ${want} for ${name}[${index}] but the kernel gave ${got}`);
  }
}
