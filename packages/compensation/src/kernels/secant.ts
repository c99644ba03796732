import { declare } from "./declare.js";
import {
  changing,
  number,
  read,
  readColumns,
  readRows,
  rowsIfAny,
  written,
  writtenColumns,
  writtenDoubles,
  writtenRows,
} from "./parameters.js";

/** What both kernels of secants are handed first; `SecantKernels` says what it is. */
export type SecantArguments = [
  gradient: Float32Array,
  newest: Float32Array,
  origin: Float32Array,
  averageGradient: Float32Array,
  averageOrigin: Float32Array,
  rate: number,
  leadScale: number,
  lead: Float64Array,
  leadProjection: Float64Array,
  direction: Float64Array,
];

/**
 * What `secant` does with a block of parameters: a matrix of R = `direction.length` rows and C
 * columns, row-major, or with R = C = 0 parameters of no shape. One pass over memory each.
 *
 * The block has moving averages of its gradients g and of the weights (`origin`) that they were
 * computed with, `average += rate (value - average)`; below they are those with this gradient taken
 * in. From them
 *
 * ```
 * y = gradient - averageGradient    s = origin - averageOrigin
 * ```
 *
 * The newest weights are ahead of those that descent has come to by the lead
 * `e = leadScale averageGradient + lead (x) leadProjection`, here with the average before this
 * gradient, so that these are `newest - e`, and d = newest - e - origin.
 */
export interface SecantKernels {
  /**
   * Only reads. `sums` = |g|^2, |averageGradient|^2, <s, y>, <s, s>, <g, s>, |newest|^2;
   * `projections` = the sums over rows of direction[r] times g, averageGradient, s, d, C numbers
   * each. All in double precision.
   */
  secantSums(...call: [...SecantArguments, projections: Float64Array, sums: Float64Array]): void;

  /**
   * Moves the averages on and replaces the gradient by
   *
   * ```
   * scale g + damping (newest - origin) + leadFactor e - nextLeadFactor averageGradient
   *   + direction (x) projection
   * ```
   */
  secantRepair(
    ...call: [
      ...SecantArguments,
      scale: number,
      damping: number,
      leadFactor: number,
      nextLeadFactor: number,
      projection: Float64Array,
    ]
  ): void;

  /** `direction[r] = sum over c of matrix[r, c] * projection[c]`, in double precision. */
  projectColumns(matrix: Float32Array, projection: Float64Array, direction: Float64Array): void;
}

const leading = [
  number("rate"),
  number("leadScale"),
  rowsIfAny("lead"),
  readColumns("leadProjection"),
  readRows("direction"),
];

export const secantKernels = declare<SecantKernels>(
  {
    secantSums: [
      ...changing,
      read("averageGradient"),
      read("averageOrigin"),
      ...leading,
      writtenColumns("projections", 4),
      writtenDoubles("sums", 6),
    ],
    secantRepair: [
      written("gradient"),
      read("newest"),
      read("origin"),
      written("averageGradient"),
      written("averageOrigin"),
      ...leading,
      number("scale"),
      number("damping"),
      number("leadFactor"),
      number("nextLeadFactor"),
      readColumns("projection"),
    ],
    projectColumns: [read("matrix"), readColumns("projection"), writtenRows("direction")],
  },
  {
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
  },
);

/** Leaves an average that has reached the value where it is, to the last bit. */
const towards = (average: number, value: number, rate: number): number =>
  average + rate * (value - average);

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}

/** The given kernels where they have those of `secant`. */
export function secantKernelsOf(kernels: Partial<SecantKernels>): SecantKernels {
  const has = kernels.secantSums && kernels.secantRepair && kernels.projectColumns;
  return has ? (kernels as SecantKernels) : secantKernels.plain;
}
