import type { Activation } from "./activation.js";
import type { Initial } from "./initial.js";
import type { Settings } from "./settings.js";
import type { Padding, Pair, Shape } from "./shape.js";

/** A window that slides over an image. */
interface Window {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  /** Pixels from one place of the window to the next. */
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** A layer's own settings, read from its Keras configuration. */
export type LayerConfiguration =
  | { kind: "dense"; units: number; useBias: boolean; activation: Activation }
  | ({
      kind: "conv2d";
      filters: number;
      /** Groups of channels that are convolved by themselves. */
      groups: number;
      useBias: boolean;
      activation: Activation;
    } & Window)
  | ({
      kind: "depthwiseConv2d";
      /** Filters a channel. */
      multiplier: number;
      useBias: boolean;
      activation: Activation;
    } & Window)
  | { kind: "maxPooling2d"; poolSize: Pair; strides: Pair; padding: Padding }
  | { kind: "averagePooling2d"; poolSize: Pair; strides: Pair; padding: "valid" | "same" }
  | { kind: "globalAveragePooling2d" }
  | { kind: "flatten" }
  | { kind: "activation"; activation: Activation }
  | {
      kind: "dropout";
      /** Share of the values that becomes 0 while learning, from 0 to below 1. */
      rate: number;
      /** What, with an item's number, tells which; 32 bits. */
      seed: number;
    }
  | {
      kind: "batchNormalization";
      epsilon: number;
      /** Share of a moving statistic that one update keeps. */
      momentum: number;
      /** Whether it has a beta. */
      center: boolean;
      /** Whether it has a gamma. */
      scale: boolean;
      activation: Activation;
    }
  | {
      kind: "instanceNormalization";
      epsilon: number;
      center: boolean;
      scale: boolean;
      activation: Activation;
    }
  | {
      kind: "groupNormalization";
      /** Of channels. */
      groups: number;
      epsilon: number;
      center: boolean;
      scale: boolean;
      activation: Activation;
    }
  | {
      kind: "layerNormalization";
      epsilon: number;
      center: boolean;
      scale: boolean;
      activation: Activation;
    }
  | {
      /** activation(main(x) + shortcut(x)). */
      kind: "residual";
      main: readonly Layer[];
      /** Empty: the input itself. */
      shortcut: readonly Layer[];
      activation: Activation;
    };

/** The configuration of one kind. */
export type Configuration<K extends LayerConfiguration["kind"]> = Extract<
  LayerConfiguration,
  { kind: K }
>;

/** One tensor of a layer, in the order in which it lies in the flat parameter vector. */
export interface ParameterTensor {
  /** Keras weight name inside a layer's kind (`kernel`), the whole of it in a Layer (`conv1/kernel`). */
  readonly name: string;
  readonly shape: Shape;
  /** Initial values: all the same, or drawn. */
  readonly initial: Initial;
  /** Whether no update changes it (`trainable: false` of its layer). */
  readonly frozen?: boolean;
  /**
   * Only for moving statistics, which no loss is differentiated by: the share of its value that
   * one update keeps.
   */
  readonly momentum?: number;
}

/** What follows from a configuration and an input shape. */
export interface BoundShapes {
  readonly outputShape: Shape;
  readonly parameters: readonly ParameterTensor[];
  /** Floating-point operations of one sample's forward pass; a backward pass costs twice that. */
  readonly operations: number;
}

/** A layer whose place in the model, and so whose shapes, are known. */
export interface Layer extends BoundShapes {
  readonly name: string;
  readonly configuration: LayerConfiguration;
  readonly inputShape: Shape;
  /** Floats of all parameter tensors. */
  readonly parameterCount: number;
}

/**
 * What the backward pass of a kind reads and keeps, from which memory is planned. What is left out
 * it does not.
 */
export interface BackwardTraits<C extends LayerConfiguration = LayerConfiguration> {
  /** Whether the gradients at its parameters are taken from its input and output gradient. */
  readonly keepsGradient?: boolean;
  /** Whether it reads the layer's input for any other end. */
  readsInput?(configuration: C): boolean;
  /** Whether its output is quickly made again, from the input and what it keeps. */
  makesAgain?(configuration: C): boolean;
  /**
   * Whether it takes over the derivative of a rectifier before it. Max pooling does: the largest
   * value of a window tells whether that was open at the winner, and no other value gets a gradient.
   */
  readonly passesRectifier?: boolean;
  /** Bytes that it saves beside its output or mask. */
  extraBytes?(configuration: C, layer: Layer, batch: number): number;
  /** Bytes of gradients that wait where the backward pass is done in two, other than those above. */
  pendingBytes?(configuration: C, layer: Layer): number;
}

/** What sets a layer apart from others with the same settings. */
interface LayerIdentity {
  readonly name: string;
  /** The model's, for what is drawn while it learns. */
  readonly seed: number;
}

/**
 * What a layer kind must define; one file per kind under `layers/`, one row in
 * `layers/registry.ts`.
 */
export interface LayerKind<C extends LayerConfiguration = LayerConfiguration> {
  /** Keras class name, as tfjs writes it. */
  readonly className: string;
  /** Of its configuration; several classes may have one. */
  readonly kind: C["kind"];
  readonly backward?: BackwardTraits<C>;
  /** What its configuration may hold beside what every layer's may. */
  readonly settings: Settings;
  /**
   * Reads the Keras `config` object; throws InputError where it is malformed. The input shape only
   * tells which axis is which.
   */
  parse(config: Record<string, unknown>, path: string, inputShape: Shape, own: LayerIdentity): C;
  /** Shapes, parameters and cost on an input of the given shape; throws InputError if it can't take it. */
  bind(configuration: C, inputShape: Shape, path: string): BoundShapes;
}

/** The activation that a layer applies to its output; linear where the kind has none. */
export function activationOf({ configuration }: Layer): Activation {
  return "activation" in configuration ? configuration.activation : "linear";
}
