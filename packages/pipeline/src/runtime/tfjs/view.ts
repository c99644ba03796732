import type { Layer } from "../../model/layer.js";
import type { Operation, Tf } from "./operation.js";

/** The same values in another shape, or in the same one where only the activation works. */
export function view(_: Tf, { inputShape, outputShape }: Layer): Operation {
  return {
    forward: (input) => input.reshape([input.shape[0] as number, ...outputShape]),
    backward: ({ outputGradient }) => ({
      input: outputGradient.reshape([outputGradient.shape[0] as number, ...inputShape]),
      parameters: [],
    }),
  };
}
