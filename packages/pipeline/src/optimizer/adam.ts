import { expected } from "../errors.js";
import type { Optimizer } from "./contract.js";

export interface AdamOptions {
  /** Decay of the average of gradients, from 0 to below 1; default 0.9. */
  readonly beta1?: number;
  /** Decay of the average of their squares, from 0 to below 1; default 0.999. */
  readonly beta2?: number;
  /** Added to the root of that average, above 0; default 1e-8. */
  readonly epsilon?: number;
}

interface AdamState {
  readonly mean: Float32Array;
  readonly meanSquare: Float32Array;
  /** Steps so far, and how far the last one went for its mean gradient, see `stepFactor`. */
  readonly numbers: Float64Array;
}

/** The largest float32. */
const most = 3.4028234663852886e38;

/**
 * Adam with bias correction, as `torch.optim.Adam` has it (D. Kingma and J. Ba, arXiv 1412.6980,
 * algorithm 1), t the number of the step, the first one 1:
 *
 * ```
 * m = beta1 m + (1 - beta1) g
 * v = beta2 v + (1 - beta2) g g
 * w = w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * ```
 *
 * @throws InputError where an option is out of its range.
 */
export function adam({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamOptions = {}): Optimizer<AdamState> {
  for (const [name, value, usual] of [
    ["beta1", beta1, 0.9],
    ["beta2", beta2, 0.999],
  ] as const)
    if (!(typeof value === "number" && value >= 0 && value < 1))
      throw expected("a number from 0 to below 1", name, value, `${usual} is usual`);
  // A smaller one divides nothing by nothing in float32.
  if (!(typeof epsilon === "number" && epsilon >= 1e-30 && epsilon <= 1e30))
    throw expected("a number from 1e-30 to 1e30", "epsilon", epsilon, "1e-8 is usual");
  return {
    name: "adam",
    vectors: 2,
    init: (parameterCount, allocate, numbers) => ({
      mean: allocate(parameterCount),
      meanSquare: allocate(parameterCount),
      numbers: numbers(2),
    }),
    stepFactor: ({ numbers }) => numbers[1] as number,
    step(destination, newest, gradient, { mean, meanSquare, numbers }, learningRate) {
      const step = (numbers[0] as number) + 1;
      numbers[0] = step;
      const rate = learningRate / (1 - beta1 ** step);
      const correction = 1 / Math.sqrt(1 - beta2 ** step);
      let [moved, squares] = [0, 0];
      for (let index = 0; index < gradient.length; index++) {
        const g = gradient[index] as number;
        const m = beta1 * (mean[index] as number) + (1 - beta1) * g;
        // Sums of many gradients may be so large that their squares leave the range of float32.
        const v = Math.min(most, beta2 * (meanSquare[index] as number) + (1 - beta2) * g * g);
        mean[index] = m;
        meanSquare[index] = v;
        const way = m / (correction * Math.sqrt(v) + epsilon);
        destination[index] = (newest[index] as number) - rate * way;
        moved += m * way;
        squares += m * m;
      }
      numbers[1] = squares > 0 ? moved / squares : 0;
    },
  };
}
