import { expected } from "../../errors.js";
import { isRecord } from "../read.js";
import { halfToNumber } from "./floats.js";

/** How tfjs' converter has made a float32 weight smaller: float16, or value * scale + min. */
export type Quantization =
  | { readonly dtype: "float16"; readonly valueBytes: 2 }
  | {
      readonly dtype: "uint8" | "uint16";
      readonly valueBytes: 1 | 2;
      readonly scale: number;
      readonly min: number;
    };

/** @throws InputError where a weight is quantized in a way that is unknown. */
export function readQuantization(value: unknown, path: string): Quantization {
  const { dtype, scale, min } = isRecord(value) ? value : {};
  if (dtype === "float16") return { dtype, valueBytes: 2 };
  const isStep = Number.isFinite(scale) && (scale as number) >= 0;
  if ((dtype === "uint8" || dtype === "uint16") && isStep && Number.isFinite(min))
    return {
      dtype,
      valueBytes: dtype === "uint8" ? 1 : 2,
      scale: scale as number,
      min: min as number,
    };
  throw expected(
    "float16, or uint8 or uint16 with a scale of at least 0 and min,",
    `quantization of ${path}`,
    value,
    "convert the model again",
  );
}

/** The bytes of the float32 values. */
export function dequantize(bytes: Uint8Array, quantization: Quantization): Uint8Array {
  // A copy of its own memory: the bytes may lie at any address.
  const { buffer } = Uint8Array.from(bytes);
  const codes = quantization.valueBytes === 1 ? new Uint8Array(buffer) : new Uint16Array(buffer);
  const values =
    quantization.dtype === "float16"
      ? Float32Array.from(codes, halfToNumber)
      : Float32Array.from(codes, (code) => code * quantization.scale + quantization.min);
  return new Uint8Array(values.buffer);
}
