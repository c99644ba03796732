import type { VectorKernels } from "../contract.js";

type Draw = (length: number) => Float32Array;
type Compare = (
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
) => void;

/** magnitudeAverage and pull, to the last bit, in place of what they only read too. */
export function checkPenalty(
  { magnitudeAverage, pull }: VectorKernels,
  length: number,
  draw: Draw,
  compare: Compare,
): void {
  if (magnitudeAverage)
    for (const rate of [1, 0.3, 1 / 3749]) {
      const [average, gradient] = [draw(length), draw(length)];
      const expected = average.map((was, index) => was + rate * (Math.abs(gradient[index]!) - was));
      magnitudeAverage(average, gradient, rate);
      compare("average", average, expected, 0);
      const itself = average.map((was) => was + rate * (Math.abs(was) - was));
      magnitudeAverage(average, average, rate);
      compare("average of itself", average, itself, 0);
    }
  if (!pull) return;
  for (const most of [0.7, Number.POSITIVE_INFINITY]) {
    const [gradient, parameters, anchor] = [draw(length), draw(length), draw(length)];
    const stiffness = draw(length).map(Math.abs);
    const pulled = (values: Float32Array) =>
      gradient.map(
        (g, index) =>
          g + Math.min(1.3 * stiffness[index]!, most) * (values[index]! - anchor[index]!),
      );
    const expected = pulled(parameters);
    const itself = pulled(gradient);
    const copy = gradient.slice();
    pull(gradient, parameters, anchor, stiffness, 1.3, most);
    compare("gradient", gradient, expected, 0);
    pull(copy, copy, anchor, stiffness, 1.3, most);
    compare("gradient pulled by itself", copy, itself, 0);
  }
}
