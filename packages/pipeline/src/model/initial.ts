import type { Shape } from "./shape.js";

/** Where a parameter tensor begins: every value the same, or each drawn by itself. */
export type Initial = number | Draw;

/** How values are drawn. */
export type Draw =
  /** Evenly between both. */
  | { readonly distribution: "uniform"; readonly low: number; readonly high: number }
  /** Gauss' bell; `truncatedNormal` draws again what is more than two deviations off. */
  | {
      readonly distribution: "normal" | "truncatedNormal";
      readonly mean: number;
      readonly deviation: number;
    }
  /** Not at all: values come from a file. The name is that of an initialiser that is unknown. */
  | { readonly distribution: "none"; readonly name: string };

/** Standard deviation of the normal distribution of deviation 1 that is cut off at -2 and 2. */
const truncatedDeviation = 0.87962566103423978;

/** Values that one output sums, and outputs that one input reaches, as Keras counts both. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const window = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  return { fanIn: window * inputs, fanOut: window * outputs };
}

/** Settings of Keras' `VarianceScaling`, of which Glorot's, He's and LeCun's are cases. */
export interface VarianceScaling {
  /** Variance x fan. */
  readonly scale: number;
  readonly mode: "fan_in" | "fan_out" | "fan_avg";
  readonly distribution: "uniform" | "normal" | "truncatedNormal";
}

/** A draw of variance `scale / fan` and mean 0 for a tensor of a shape. */
export function scaleVariance({ scale, mode, distribution }: VarianceScaling, shape: Shape): Draw {
  const { fanIn, fanOut } = fans(shape);
  const fan = mode === "fan_in" ? fanIn : mode === "fan_out" ? fanOut : (fanIn + fanOut) / 2;
  if (distribution === "uniform") {
    const high = Math.sqrt((3 * scale) / fan);
    return { distribution, low: -high, high };
  }
  const deviation = Math.sqrt(scale / fan);
  if (distribution === "normal") return { distribution, mean: 0, deviation };
  return { distribution, mean: 0, deviation: deviation / truncatedDeviation };
}

/** Evenly in +-sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010): what Keras does by default. */
export function glorotUniform(shape: Shape): Draw {
  const { fanIn, fanOut } = fans(shape);
  const high = Math.sqrt(6 / (fanIn + fanOut));
  return { distribution: "uniform", low: -high, high };
}
