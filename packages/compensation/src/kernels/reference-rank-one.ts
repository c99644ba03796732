import { checkedKernels } from "./call-checks.js";
import type { RankOneKernels, VectorKernels } from "./contract.js";

/** The kernels of `rank-one` in plain TypeScript. */
export const rankOneKernels: RankOneKernels = checkedKernels({
  rankOneSums(gradient, newest, origin, direction, projections) {
    projections.fill(0);
    const columns = projections.length / 2;
    for (let row = 0, index = 0; row < direction.length; row++) {
      const weight = direction[row] as number;
      for (let column = 0; column < columns; column++, index++) {
        const moved = (newest[index] as number) - (origin[index] as number);
        projections[column] =
          (projections[column] as number) + weight * (gradient[index] as number);
        projections[columns + column] = (projections[columns + column] as number) + weight * moved;
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
});

/** The given kernels where they have those of `rank-one`. */
export function rankOneKernelsOf(kernels: VectorKernels): RankOneKernels {
  const has = kernels.rankOneSums && kernels.rankOneRepair;
  return has ? (kernels as RankOneKernels) : rankOneKernels;
}
