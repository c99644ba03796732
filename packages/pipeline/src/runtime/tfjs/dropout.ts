import { dropThreshold, isKept, maskKey } from "../../model/dropout-mask.js";
import type { Configuration, Layer } from "../../model/layer.js";
import type { ProgramMode } from "../contract.js";
import type { Operation, Tensor, Tf } from "./operation.js";

/** Drops values while learning. Kept, a bit a value: whether it was let through. */
export function dropout(
  tf: Tf,
  _: Layer,
  { rate, seed }: Configuration<"dropout">,
  { mode }: { readonly mode: ProgramMode },
): Operation {
  const [threshold, scale] = [dropThreshold(rate), Math.fround(1 / (1 - rate))];
  const bits = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);

  /** The values times the scale where they are let through, else zero. */
  function pass(values: Tensor, isOpen: (place: number) => boolean): Tensor {
    const factors = Float32Array.from({ length: values.size }, (_, place) =>
      isOpen(place) ? scale : 0,
    );
    return tf.mul(values, tf.tensor(factors, values.shape));
  }

  return {
    forward(input, _parameters, kept, draw) {
      if (mode === "predict") return input;
      const key = maskKey(seed, draw);
      const mask = kept && bits(kept).fill(0);
      return pass(input, (place) => {
        const isOpen = isKept(key, place, threshold);
        if (mask && isOpen) mask[place >> 3] = (mask[place >> 3] as number) | (1 << (place & 7));
        return isOpen;
      });
    },
    backward({ kept, outputGradient, wantsInput }) {
      const mask = bits(kept);
      const isOpen = (place: number) => (((mask[place >> 3] as number) >> (place & 7)) & 1) === 1;
      return { input: wantsInput ? pass(outputGradient, isOpen) : null, parameters: [] };
    },
  };
}
