import type { VectorKernels } from "../contract.js";
import { checkGuards, guarded } from "./guards.js";
import {
  type LeadFactors,
  type SecantBlock,
  type SecantElement,
  secantElementAt,
  secantSettings,
} from "./secant-formulas.js";

type Draw = (length: number) => Float32Array;
type Compare = (
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance?: number,
) => void;

/**
 * Matrices of narrow and of wide rows and vectors of no shape, with the weights that a gradient was
 * computed with apart from the newest ones, and the very same.
 */
export function checkSecant(
  kernels: VectorKernels,
  length: number,
  draw: Draw,
  compare: Compare,
): void {
  const fresh = (block: SecantBlock) => ({ ...block, origin: block.newest });
  const { damping } = secantSettings;
  for (const [damped, factors] of [
    [damping, [1.5, -0.9]],
    [damping, [0, 0]],
    [0, [1.5, -0.9]],
    [0, [0, 0]],
  ] as const) {
    const check = (block: SecantBlock) => checkBlock(kernels, block, damped, factors, compare);
    for (const columns of [1, 3, 8, 17])
      check(drawBlock(Math.floor(length / columns), columns, draw));
    check(drawBlock(7, length, draw));
    check(drawBlock(0, 0, draw, length));
    check(drawBlock(1, length, draw));
    check(fresh(drawBlock(1, length, draw)));
    check(fresh(drawBlock(length, 1, draw)));
    check(fresh(drawBlock(Math.floor(length / 3), 3, draw)));
    check(fresh(drawBlock(0, 0, draw, length)));
  }
}

function drawBlock(rows: number, columns: number, draw: Draw, count = rows * columns): SecantBlock {
  const vector = () => guarded(draw(count));
  const numbers = (length: number) => Float64Array.from(draw(length));
  return {
    gradient: vector(),
    newest: vector(),
    origin: vector(),
    averageGradient: vector(),
    averageOrigin: vector(),
    lead: numbers(rows),
    leadProjection: numbers(columns),
    direction: numbers(rows),
    projection: numbers(columns),
  };
}

function checkBlock(
  { secantSums, secantRepair }: VectorKernels,
  block: SecantBlock,
  damping: number,
  factors: LeadFactors,
  compare: Compare,
): void {
  if (!secantSums || !secantRepair) return;
  const { gradient, newest, origin, averageGradient, averageOrigin } = block;
  const { lead, leadProjection, direction, projection } = block;
  const { rate, leadScale, scale } = secantSettings;
  const columns = projection.length;
  const shape = `${direction.length} x ${columns}, ${gradient.length} elements`;
  const vectors = [gradient, newest, origin, averageGradient, averageOrigin] as const;
  const before = vectors.map((vector) => vector.slice());
  const given = [...vectors, rate, leadScale, lead, leadProjection, direction] as const;
  const elements = Array.from(gradient, (_, index) =>
    secantElementAt(block, index, damping, factors),
  );
  const repair = () => secantRepair(...given, scale, damping, ...factors, projection);

  const projections = guarded(new Float64Array(4 * columns).fill(Number.NaN));
  const sums = guarded(new Float64Array(6).fill(Number.NaN));
  secantSums(...given, projections, sums);
  const expected = summedUp(elements, direction, columns);
  const tolerance = 1e-5 * Math.sqrt(gradient.length + 1);
  compare(`sums of ${shape}`, sums, expected.sums, tolerance);
  compare(`projections of ${shape}`, projections, expected.projections, tolerance);
  vectors.forEach((vector, place) => {
    compare("a vector that secantSums reads", vector, before[place] as Float32Array, 0);
  });

  repair();
  const each = (pick: (element: SecantElement) => number) => elements.map(pick);
  compare(
    `gradient of ${shape}`,
    gradient,
    each(({ repaired }) => repaired),
  );
  compare(
    `averageGradient of ${shape}`,
    averageGradient,
    each((element) => element.averageGradient),
  );
  compare(
    `averageOrigin of ${shape}`,
    averageOrigin,
    each((element) => element.averageOrigin),
  );
  compare("newest, which secantRepair reads", newest, before[1] as Float32Array, 0);
  compare("origin, which secantRepair reads", origin, before[2] as Float32Array, 0);

  const reached = [gradient.slice(), origin.slice()] as const;
  averageGradient.set(reached[0]);
  averageOrigin.set(reached[1]);
  repair();
  compare("an average that has reached its value", averageGradient, reached[0], 0);
  compare("an average that has reached its value", averageOrigin, reached[1], 0);
  for (const array of [...vectors, projections, sums]) checkGuards(`an array of ${shape}`, array);
}

function summedUp(elements: readonly SecantElement[], direction: Float64Array, columns: number) {
  const sums = new Float64Array(6);
  const projections = new Float64Array(4 * columns);
  for (const { row, column, g, averageGradient, y, s, d, now } of elements) {
    [g * g, averageGradient ** 2, s * y, s * s, g * s, now * now].forEach((term, place) => {
      sums[place]! += term;
    });
    if (columns === 0) continue;
    [g, averageGradient, s, d].forEach((value, place) => {
      projections[place * columns + column]! += direction[row]! * value;
    });
  }
  return { sums, projections };
}
