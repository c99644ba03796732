import { declarations, type VectorKernels } from "../contract.js";
import type { RepairCheck } from "../declare.js";
import type { Parameter } from "../parameters.js";

/** A kernel that repairs element by element, and how it is checked. */
interface Method {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly check: RepairCheck;
  /** Whether a moving average of squares comes before the result. */
  readonly averages: boolean;
}

const methods: readonly Method[] = declarations.flatMap(({ parameters, check }) =>
  Object.entries<readonly Parameter[]>(parameters).flatMap(([name, all]) => {
    const averages = all.some((parameter) => parameter.name === "meanSquare");
    return check ? [{ name, parameters: all, check, averages }] : [];
  }),
);

/** Its call: vectors by name, then the decay, the numbers of its own and the step. */
function callOf(
  { parameters, check, averages }: Method,
  vectors: Vectors,
  strength: number,
  step: number,
) {
  const given: Readonly<Record<string, Float32Array>> = { ...vectors, meanSquare: vectors.average };
  const own = check.numbers?.(strength) ?? [strength];
  const arrays = parameters.flatMap(({ name, kind }) => (kind === "vector" ? [given[name]] : []));
  return [...arrays, ...(averages ? [0.9] : []), ...own, step];
}

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
  method: Method,
  { step, isFresh, strength, target }: Case,
  draw: () => Float32Array,
  compare: Compare,
): void {
  const { name, averages, check } = method;
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
    const repaired = check.repaired(g, newest[index]! - origin[index]!, averaged[index]!, strength);
    return step > 0 ? newest[index]! - step * repaired : repaired;
  });
  vectors.destination = vectors[target];
  const kernel = kernels[name as keyof VectorKernels] as (...call: unknown[]) => void;
  kernel(...callOf(method, vectors, strength, step));
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
