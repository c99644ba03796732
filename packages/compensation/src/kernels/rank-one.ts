import { declare } from "./declare.js";
import { changing, number, readColumns, readRows, written, writtenColumns } from "./parameters.js";

/** What `rank-one` does with a matrix of R = `direction.length` rows and C columns, row-major. */
export interface RankOneKernels {
  /**
   * Only reads: `projections` = the sums over rows of direction[r] times the gradient, and times
   * newest - origin, C numbers each, in double precision.
   */
  rankOneSums(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    direction: Float64Array,
    projections: Float64Array,
  ): void;

  /**
   * repaired = scale gradient + damping (newest - origin) + direction (x) projection. Where `step` is
   * 0, `destination` gets it; else it gets `newest - step * repaired`. It may be any of the others.
   */
  rankOneRepair(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    scale: number,
    damping: number,
    direction: Float64Array,
    projection: Float64Array,
    step: number,
  ): void;
}

export const rankOneKernels = declare<RankOneKernels>(
  {
    rankOneSums: [...changing, readRows("direction"), writtenColumns("projections", 2)],
    rankOneRepair: [
      written("destination"),
      ...changing,
      number("scale"),
      number("damping"),
      readRows("direction"),
      readColumns("projection"),
      number("step"),
    ],
  },
  {
    rankOneSums(gradient, newest, origin, direction, projections) {
      projections.fill(0);
      const columns = projections.length / 2;
      for (let row = 0, index = 0; row < direction.length; row++) {
        const weight = direction[row] as number;
        for (let column = 0; column < columns; column++, index++) {
          const moved = (newest[index] as number) - (origin[index] as number);
          projections[column] =
            (projections[column] as number) + weight * (gradient[index] as number);
          projections[columns + column] =
            (projections[columns + column] as number) + weight * moved;
        }
      }
    },

    rankOneRepair(
      destination,
      gradient,
      newest,
      origin,
      scale,
      damping,
      direction,
      projection,
      step,
    ) {
      const columns = projection.length;
      for (let row = 0, index = 0; row < direction.length; row++) {
        const weight = direction[row] as number;
        for (let column = 0; column < columns; column++, index++) {
          const along = weight * (projection[column] as number);
          const now = newest[index] as number;
          const moved = now - (origin[index] as number);
          const repaired = scale * (gradient[index] as number) + damping * moved + along;
          destination[index] = step === 0 ? repaired : now - step * repaired;
        }
      }
    },
  },
);

/** The given kernels where they have those of `rank-one`. */
export function rankOneKernelsOf(kernels: Partial<RankOneKernels>): RankOneKernels {
  const has = kernels.rankOneSums && kernels.rankOneRepair;
  return has ? (kernels as RankOneKernels) : rankOneKernels.plain;
}
