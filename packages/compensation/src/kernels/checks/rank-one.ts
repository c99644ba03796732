import type { VectorKernels } from "../contract.js";
import { checkGuards, guarded } from "./guards.js";

/** Row-major matrices of narrow and of wide rows; repaired, and as a step, in place too. */
export function checkRankOne(
  { rankOneSums, rankOneRepair }: VectorKernels,
  length: number,
  draw: (length: number) => Float32Array,
  compare: (
    name: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    tolerance?: number,
  ) => void,
): void {
  if (!rankOneSums || !rankOneRepair) return;
  for (const [rows, columns] of [
    [7, length],
    [length, 11],
    [1, length],
    [length, 1],
  ] as const) {
    const [gradient, newest, origin] = Array.from({ length: 3 }, () =>
      guarded(draw(rows * columns)),
    ) as [Float32Array, Float32Array, Float32Array];
    const direction = Float64Array.from(draw(rows));
    const projection = Float64Array.from(draw(columns));
    const sums = new Float64Array(2 * columns);
    gradient.forEach((value, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      sums[column]! += direction[row]! * value;
      sums[columns + column]! += direction[row]! * (newest[index]! - origin[index]!);
    });
    const projections = new Float64Array(2 * columns).fill(Number.NaN);
    rankOneSums(gradient, newest, origin, direction, projections);
    const tolerance = 1e-5 * Math.sqrt(rows + 1);
    compare("projections", projections, sums, tolerance);
    // A fresh gradient: the newest weights are its own.
    rankOneSums(gradient, newest, newest, direction, projections);
    compare("projections of a fresh gradient", projections, sums.fill(0, columns), tolerance);
    const destination = guarded(draw(rows * columns));
    // The weights of the gradient apart from the newest ones, and the very same; damped, and not.
    for (const before of [origin, newest])
      for (const damping of [0.4, 0]) {
        const repaired = Array.from(gradient, (value, index) => {
          const [row, column] = [Math.floor(index / columns), index % columns];
          const moved = newest[index]! - before[index]!;
          return 0.7 * value + damping * moved + direction[row]! * projection[column]!;
        });
        const stepped = repaired.map((value, index) => newest[index]! - 0.1 * value);
        const repair = (to: Float32Array, from: Float32Array, now: Float32Array, step: number) => {
          const first = before === newest ? now : before;
          rankOneRepair(to, from, now, first, 0.7, damping, direction, projection, step);
        };
        repair(destination, gradient, newest, 0);
        compare("repaired gradient", destination, repaired);
        repair(destination, gradient, newest, 0.1);
        compare("step", destination, stepped);
        const place = newest.slice();
        repair(place, gradient, place, 0.1);
        compare("step in place", place, stepped);
        const inPlace = gradient.slice();
        repair(inPlace, inPlace, newest, 0);
        compare("gradient in place", inPlace, repaired);
      }
    const vectors = { gradient, newest, origin, destination };
    for (const [name, vector] of Object.entries(vectors)) checkGuards(name, vector);
  }
}
