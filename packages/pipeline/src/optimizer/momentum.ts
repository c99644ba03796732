import { expected } from "../errors.js";
import type { Optimizer } from "./contract.js";

export interface MomentumOptions {
  /** mu, from 0 to below 1; default 0.9. */
  readonly momentum?: number;
}

/**
 * Gradient descent with heavy-ball momentum, as `torch.optim.SGD` has it (B. Polyak, 1964; the form
 * of I. Sutskever et al., ICML 2013, with the learning rate outside of the average):
 *
 * ```
 * v = mu v + g
 * w = w - lr v
 * ```
 *
 * A gradient that stays the same moves the weights 1 / (1 - mu) times as far as in plain descent.
 *
 * @throws InputError where an option is out of its range.
 */
export function momentum({ momentum: mu = 0.9 }: MomentumOptions = {}): Optimizer<Float32Array> {
  if (!(typeof mu === "number" && mu >= 0 && mu < 1))
    throw expected("a number from 0 to below 1", "momentum", mu, "0.9 is usual");
  return {
    name: "momentum",
    vectors: 1,
    init: (parameterCount, allocate) => allocate(parameterCount),
    stepFactor: () => 1 / (1 - mu),
    step(destination, newest, gradient, velocity, learningRate) {
      for (let index = 0; index < gradient.length; index++) {
        const v = mu * (velocity[index] as number) + (gradient[index] as number);
        velocity[index] = v;
        destination[index] = (newest[index] as number) - learningRate * v;
      }
    },
  };
}
