/** What a layer does to its output, element by element. */
export type Activation =
  | "linear"
  | "relu"
  | "relu6"
  | "tanh"
  | "sigmoid"
  /** x Phi(x) with Gauss' distribution, not its approximation by tanh (Hendrycks and Gimpel 2016). */
  | "gelu"
  | SlopedActivation;

/** Lets what is above 0 through; of the rest makes alpha x, or alpha (e^x - 1). */
interface SlopedActivation {
  readonly name: "leakyRelu" | "elu";
  /** At least 0. */
  readonly alpha: number;
}

/**
 * From what the derivative of an activation is told in the backward pass: the sign of its output (and
 * whether it lies below 6), the output itself, or only its input.
 */
type DerivedFrom = "nothing" | "sign" | "output" | "input";

const derivedFrom: Readonly<Record<string, DerivedFrom>> = {
  linear: "nothing",
  relu: "sign",
  relu6: "sign",
  leakyRelu: "sign",
  tanh: "output",
  sigmoid: "output",
  elu: "output",
  gelu: "input",
};

export function derivativeFrom(activation: Activation): DerivedFrom {
  return derivedFrom[activationName(activation)] as DerivedFrom;
}

export function activationName(activation: Activation): string {
  return typeof activation === "string" ? activation : activation.name;
}

/** Whether it makes 0 of what is below 0, and lets no gradient through there. */
export function isRectifier(activation: Activation): boolean {
  return activation === "relu" || activation === "relu6";
}

/** By the names of Keras' functions, with the settings that they have where none are given. */
export const activations: Readonly<Record<string, Activation>> = {
  linear: "linear",
  relu: "relu",
  relu6: "relu6",
  tanh: "tanh",
  sigmoid: "sigmoid",
  elu: { name: "elu", alpha: 1 },
  leaky_relu: { name: "leakyRelu", alpha: 0.2 },
  gelu: "gelu",
};
