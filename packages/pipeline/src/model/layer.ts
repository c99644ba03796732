import type { Shape } from "./shape.js";

export type Activation = "linear" | "relu";
export type Padding = "valid" | "same";
export type Pair = readonly [number, number];

/** A layer's own settings, read from its Keras configuration. */
export type LayerConfiguration =
  | { kind: "dense"; units: number; useBias: boolean; activation: Activation }
  | {
      kind: "conv2d";
      filters: number;
      kernelSize: Pair;
      strides: Pair;
      padding: Padding;
      useBias: boolean;
      activation: Activation;
    }
  | {
      kind: "maxPooling2d" | "averagePooling2d";
      poolSize: Pair;
      strides: Pair;
      padding: Padding;
    }
  | { kind: "flatten" };

/** One trainable tensor of a layer, in the order in which it lies in the flat parameter vector. */
export interface ParameterTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Fan-in and fan-out for the initial draw; both 0 means zeros (biases). */
  readonly fanIn: number;
  readonly fanOut: number;
}

/** A layer whose place in the model, and so whose shapes, are known. */
export interface Layer {
  readonly name: string;
  readonly configuration: LayerConfiguration;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly parameters: readonly ParameterTensor[];
  /** Floats of all parameter tensors. */
  readonly parameterCount: number;
  /** Floating-point operations of one sample's forward pass; a backward pass costs twice that. */
  readonly operations: number;
}

/** What a layer kind must tell; one file a kind under `layers/`, one row in `layers/registry.ts`. */
export interface LayerKind<C extends LayerConfiguration = LayerConfiguration> {
  /** Keras class name, as tfjs writes it. */
  readonly className: string;
  /** Reads the Keras `config` object; throws InputError where it is malformed. */
  parse(config: Record<string, unknown>, path: string): C;
  /** Shapes, parameters and cost on an input of the given shape; throws InputError if it can't take it. */
  bind(
    configuration: C,
    inputShape: Shape,
    path: string,
  ): { outputShape: Shape; parameters: ParameterTensor[]; operations: number };
}
