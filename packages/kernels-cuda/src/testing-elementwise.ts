import type { VectorKernels } from "./contract.js";

/** The element-by-element methods by the formulas, in double precision. */
const methods: readonly {
  name: string;
  /** Whether a moving average of squares comes before the result. */
  averages: boolean;
  repair(g: number, d: number, square: number): number;
  call(kernels: VectorKernels, vectors: Vectors, step: number): void;
}[] = [
  {
    name: "closedFormFisher",
    averages: false,
    repair: (g, d) => g / Math.max(0.5, 1 - 0.7 * g * d),
    call: (kernels, { destination, gradient, newest, origin }, step) =>
      kernels.closedFormFisher(destination, gradient, newest, origin, 0.7, step),
  },
  {
    name: "adaptiveFisher",
    averages: true,
    repair: (g, d, square) =>
      g * Math.min(2, Math.max(0, 1 + (0.7 / Math.sqrt(square + 1e-7)) * g * d)),
    call: (kernels, { destination, gradient, newest, origin, average }, step) =>
      kernels.adaptiveFisher(destination, gradient, newest, origin, average, 0.9, 0.7, step),
  },
  {
    name: "gapAware",
    averages: true,
    repair: (g, d, square) => g / (1 + Math.abs(d) / (0.4 * Math.sqrt(square) + 1e-3)),
    call: (kernels, { destination, gradient, newest, origin, average }, step) =>
      kernels.gapAware(destination, gradient, newest, origin, average, 0.9, 0.4, 1e-3, step),
  },
  {
    name: "fisherCap",
    averages: true,
    repair: (g, _, square) => g / (1 + 3 * square),
    call: (kernels, { destination, gradient, newest, average }, step) =>
      kernels.fisherCap(destination, gradient, newest, average, 0.9, 3, step),
  },
];

interface Vectors {
  destination: Float32Array;
  readonly gradient: Float32Array;
  readonly newest: Float32Array;
  readonly origin: Float32Array;
  readonly average: Float32Array;
}

const vectorNames = ["destination", "gradient", "newest", "origin", "average"] as const;
type Draw = (length: number) => Float32Array;
type Compare = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) => void;

/**
 * One run of each method as a repair, as a step, and in place of the gradient and of the newest
 * version.
 */
export function checkElementwise(
  kernels: VectorKernels,
  length: number,
  draw: Draw,
  compare: Compare,
): void {
  for (const { name, averages, repair, call } of methods)
    for (const step of [0, 0.3])
      for (const target of ["destination", "gradient", "newest", "origin"] as const) {
        const vectors: Vectors = Object.fromEntries(
          vectorNames.map((vector) => [vector, draw(length)]),
        ) as unknown as Vectors;
        const { gradient, newest, origin, average } = vectors;
        average.forEach((value, index) => {
          average[index] = Math.abs(value);
        });
        const averaged = Array.from(average, (square, index) =>
          averages ? 0.9 * square + 0.1 * gradient[index]! ** 2 : square,
        );
        const expected = Array.from(gradient, (g, index) => {
          const repaired = repair(g, newest[index]! - origin[index]!, averaged[index]!);
          return step > 0 ? newest[index]! - step * repaired : repaired;
        });
        vectors.destination = vectors[target];
        call(kernels, vectors, step);
        compare(`${target} of ${name}, step ${step}`, vectors.destination, expected);
        compare(`average of ${name}`, average, averaged);
      }
}

/** squaredNorm and changeProducts. */
export function checkProducts(
  kernels: VectorKernels,
  length: number,
  draw: Draw,
  compare: Compare,
): void {
  const [gradient, newest, origin] = [draw(length), draw(length), draw(length)];
  const sums = new Float64Array(2);
  kernels.changeProducts(gradient, newest, origin, sums);
  const expected = [0, 0, 0] as [number, number, number];
  gradient.forEach((g, index) => {
    const change = newest[index]! - origin[index]!;
    expected[0] += g * change;
    expected[1] += change * change;
    expected[2] += g * g;
  });
  compare("products", [...sums, kernels.squaredNorm(gradient)], expected);
}
