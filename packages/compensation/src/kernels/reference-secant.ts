import { checkedKernels } from "./call-checks.js";
import type { SecantKernels, VectorKernels } from "./contract.js";

/** The kernels of `secant` in plain TypeScript. */
export const secantKernels: SecantKernels = checkedKernels({
  secantSums(
    gradient,
    newest,
    origin,
    fastGradient,
    slowGradient,
    fastOrigin,
    slowOrigin,
    settings,
    lead,
    leadProjection,
    direction,
    projections,
    sums,
  ) {
    const [fastRate, slowRate, leadScale] = settings as unknown as [number, number, number];
    projections.fill(0);
    let [gradients, averages, products, squares] = [0, 0, 0, 0];
    let [shares, changes, weights, turns] = [0, 0, 0, 0];
    const columns = leadProjection.length;
    const rows = direction.length;
    for (let index = 0, row = 0, column = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const now = newest[index] as number;
      const then = origin[index] as number;
      const before = fastGradient[index] as number;
      const fast = before + fastRate * (g - before);
      const y = fast - towards(slowGradient[index] as number, g, slowRate);
      const s =
        towards(fastOrigin[index] as number, then, fastRate) -
        towards(slowOrigin[index] as number, then, slowRate);
      let d = now - then - leadScale * before;
      if (rows > 0) d -= (lead[row] as number) * (leadProjection[column] as number);
      gradients += g * g;
      averages += fast * fast;
      products += s * y;
      squares += s * s;
      shares += s * d;
      changes += d * d;
      weights += now * now;
      turns += g * s;
      if (rows === 0) continue;
      const weight = direction[row] as number;
      add(projections, column, weight * g);
      add(projections, columns + column, weight * fast);
      add(projections, 2 * columns + column, weight * y);
      add(projections, 3 * columns + column, weight * s);
      add(projections, 4 * columns + column, weight * d);
      if (++column === columns) {
        column = 0;
        row++;
      }
    }
    sums.set([gradients, averages, products, squares, shares, changes, weights, turns]);
  },

  secantRepair(
    gradient,
    newest,
    origin,
    fastGradient,
    slowGradient,
    fastOrigin,
    slowOrigin,
    settings,
    lead,
    leadProjection,
    direction,
    projection,
  ) {
    const [fastRate, slowRate, leadScale, scale, damping, share, leadFactor, nextLeadFactor] =
      settings as unknown as [number, number, number, number, number, number, number, number];
    const columns = projection.length;
    const rows = direction.length;
    for (let index = 0, row = 0, column = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const then = origin[index] as number;
      const before = fastGradient[index] as number;
      const fast = before + fastRate * (g - before);
      const slow = towards(slowGradient[index] as number, g, slowRate);
      const fastPlace = towards(fastOrigin[index] as number, then, fastRate);
      const slowPlace = towards(slowOrigin[index] as number, then, slowRate);
      let ahead = leadScale * before;
      if (rows > 0) ahead += (lead[row] as number) * (leadProjection[column] as number);
      const change = (newest[index] as number) - then - share * (fastPlace - slowPlace);
      let repaired = scale * g + damping * change + share * (fast - slow);
      repaired += leadFactor * ahead - nextLeadFactor * fast;
      if (rows > 0) {
        repaired += (direction[row] as number) * (projection[column] as number);
        if (++column === columns) {
          column = 0;
          row++;
        }
      }
      gradient[index] = repaired;
      fastGradient[index] = fast;
      slowGradient[index] = slow;
      fastOrigin[index] = fastPlace;
      slowOrigin[index] = slowPlace;
    }
  },

  projectColumns(matrix, projection, direction) {
    const columns = projection.length;
    for (let row = 0, index = 0; row < direction.length; row++) {
      let sum = 0;
      for (let column = 0; column < columns; column++)
        sum += (matrix[index++] as number) * (projection[column] as number);
      direction[row] = sum;
    }
  },
});

/** Leaves an average that has reached the value where it is, to the last bit. */
const towards = (average: number, value: number, rate: number): number =>
  average + rate * (value - average);

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}

/** The given kernels where they have those of `secant`. */
export function secantKernelsOf(kernels: VectorKernels): SecantKernels {
  const has = kernels.secantSums && kernels.secantRepair && kernels.projectColumns;
  return has ? (kernels as SecantKernels) : secantKernels;
}
