import type { VectorKernels } from "../contract.js";

/** The element-by-element methods by the formulas, in double precision. */
const methods: readonly {
  name: string;
  /** Whether a moving average of squares comes before the result. */
  averages: boolean;
  repair(g: number, d: number, square: number, strength: number): number;
  call(kernels: VectorKernels, vectors: Vectors, strength: number, step: number): void;
}[] = [
  {
    name: "closedFormFisher",
    averages: false,
    repair: (g, d, _, lambda) => g / Math.max(0.5, 1 - lambda * g * d),
    call: (kernels, { destination, gradient, newest, origin }, lambda, step) =>
      kernels.closedFormFisher(destination, gradient, newest, origin, lambda, step),
  },
  {
    name: "adaptiveFisher",
    averages: true,
    repair: (g, d, square, lambda) =>
      g * Math.min(2, Math.max(0, 1 + (lambda / Math.sqrt(square + 1e-7)) * g * d)),
    call: (kernels, { destination, gradient, newest, origin, average }, lambda, step) =>
      kernels.adaptiveFisher(destination, gradient, newest, origin, average, 0.9, lambda, step),
  },
  {
    name: "gapAware",
    averages: true,
    repair: (g, d, square, scale) => g / (1 + Math.abs(d) / (scale * Math.sqrt(square) + 1e-3)),
    call: (kernels, { destination, gradient, newest, origin, average }, scale, step) =>
      kernels.gapAware(destination, gradient, newest, origin, average, 0.9, scale, 1e-3, step),
  },
  {
    name: "fisherCap",
    averages: true,
    repair: (g, _, square, strength) => g / (1 + strength * square),
    call: (kernels, { destination, gradient, newest, average }, strength, step) =>
      kernels.fisherCap(destination, gradient, newest, average, 0.9, strength, step),
  },
];

interface Vectors {
  destination: Float32Array;
  readonly gradient: Float32Array;
  readonly newest: Float32Array;
  origin: Float32Array;
  readonly average: Float32Array;
}

const vectorNames = ["destination", "gradient", "newest", "origin", "average"] as const;
type Draw = (length: number) => Float32Array;
type Compare = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) => void;

/**
 * One run of each method as a repair, as a step, with a stale and a fresh gradient, and in place of
 * the gradient and of each version.
 */
export function checkElementwise(
  kernels: VectorKernels,
  length: number,
  draw: Draw,
  compare: Compare,
): void {
  for (const method of methods)
    for (const step of [0, 0.3]) {
      const run = (change: Omit<Case, "step">) =>
        checkMethod(kernels, method, { step, ...change }, () => draw(length), compare);
      for (const target of ["destination", "gradient", "newest", "origin"] as const)
        run({ target, isFresh: false, strength: 0.7 });
      for (const target of ["destination", "gradient", "newest"] as const)
        for (const strength of [0, 0.7]) run({ target, isFresh: true, strength });
    }
}

interface Case {
  readonly step: number;
  /** Whether the gradient comes from the newest weights. */
  readonly isFresh: boolean;
  readonly strength: number;
  /** What is written. */
  readonly target: (typeof vectorNames)[number];
}

function checkMethod(
  kernels: VectorKernels,
  { name, averages, repair, call }: (typeof methods)[number],
  { step, isFresh, strength, target }: Case,
  draw: () => Float32Array,
  compare: Compare,
): void {
  const drawn = Object.fromEntries(vectorNames.map((vector) => [vector, draw()]));
  const vectors = drawn as unknown as Vectors;
  if (isFresh) vectors.origin = vectors.newest;
  const { gradient, newest, origin, average } = vectors;
  average.forEach((value, index) => {
    average[index] = Math.abs(value);
  });
  const averaged = Array.from(average, (square, index) =>
    averages ? 0.9 * square + 0.1 * gradient[index]! ** 2 : square,
  );
  const expected = Array.from(gradient, (g, index) => {
    const repaired = repair(g, newest[index]! - origin[index]!, averaged[index]!, strength);
    return step > 0 ? newest[index]! - step * repaired : repaired;
  });
  vectors.destination = vectors[target];
  call(kernels, vectors, strength, step);
  const run = `${name}, step ${step}${isFresh ? ", a fresh gradient" : ""}`;
  compare(`${target} of ${run}`, vectors.destination, expected);
  compare(`average of ${run}`, average, averaged);
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
