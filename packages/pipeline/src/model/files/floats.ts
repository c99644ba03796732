import { InputError } from "../../errors.js";

/** A tensor as a file holds it. */
export interface StoredTensor {
  /** As safetensors names it: `F32`, `BF16`, `I64` and so on. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian, row by row. */
  readonly bytes: Uint8Array;
}

/**
 * The values of a tensor of floats.
 * @throws InputError for any other type of number.
 */
export function readFloats(name: string, { dtype, bytes }: StoredTensor): Float32Array {
  // A copy of its own memory: the bytes may lie at any address.
  const { buffer } = Uint8Array.from(bytes);
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F16":
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case "F64":
      return Float32Array.from(new Float64Array(buffer));
    case "BF16": {
      // The upper half of a float32.
      const bits = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
    default:
      throw new InputError(
        `Expected tensor ${name} of type F32, F16, BF16 or F64 but it is ${dtype}; ` +
          (/^(F[468]|[IU])/.test(dtype)
            ? "dequantize it to float32 and save it again"
            : "convert it to float32 and save it again"),
      );
  }
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
