import { checkedKernels } from "./call-checks.js";
import type { SecantKernels, VectorKernels } from "./contract.js";

/** The kernels of `secant` in plain TypeScript. */
export const secantKernels: SecantKernels = checkedKernels({
  secantSums(
    gradient,
    newest,
    origin,
    averageGradient,
    averageOrigin,
    rate,
    leadScale,
    lead,
    leadProjection,
    direction,
    projections,
    sums,
  ) {
    projections.fill(0);
    let [gradients, averages, products, squares, turns, weights] = [0, 0, 0, 0, 0, 0];
    const rows = direction.length;
    const columns = leadProjection.length;
    for (let index = 0, row = 0, column = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const now = newest[index] as number;
      const then = origin[index] as number;
      const before = averageGradient[index] as number;
      const average = towards(before, g, rate);
      const s = then - towards(averageOrigin[index] as number, then, rate);
      let d = now - then - leadScale * before;
      if (rows > 0) d -= (lead[row] as number) * (leadProjection[column] as number);
      gradients += g * g;
      averages += average * average;
      products += s * (g - average);
      squares += s * s;
      turns += g * s;
      weights += now * now;
      if (rows === 0) continue;
      const weight = direction[row] as number;
      add(projections, column, weight * g);
      add(projections, columns + column, weight * average);
      add(projections, 2 * columns + column, weight * s);
      add(projections, 3 * columns + column, weight * d);
      if (++column === columns) {
        column = 0;
        row++;
      }
    }
    sums[0] = gradients;
    sums[1] = averages;
    sums[2] = products;
    sums[3] = squares;
    sums[4] = turns;
    sums[5] = weights;
  },

  secantRepair(
    gradient,
    newest,
    origin,
    averageGradient,
    averageOrigin,
    rate,
    leadScale,
    lead,
    leadProjection,
    direction,
    scale,
    damping,
    leadFactor,
    nextLeadFactor,
    projection,
  ) {
    const columns = projection.length;
    const rows = direction.length;
    for (let index = 0, row = 0, column = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const then = origin[index] as number;
      const before = averageGradient[index] as number;
      const average = towards(before, g, rate);
      let ahead = leadScale * before;
      if (rows > 0) ahead += (lead[row] as number) * (leadProjection[column] as number);
      let repaired = scale * g + damping * ((newest[index] as number) - then);
      repaired += leadFactor * ahead - nextLeadFactor * average;
      if (rows > 0) {
        repaired += (direction[row] as number) * (projection[column] as number);
        if (++column === columns) {
          column = 0;
          row++;
        }
      }
      averageGradient[index] = average;
      averageOrigin[index] = towards(averageOrigin[index] as number, then, rate);
      gradient[index] = repaired;
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
