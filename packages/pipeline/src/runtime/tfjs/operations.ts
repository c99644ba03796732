import type * as TensorFlow from "@tensorflow/tfjs";
import { InputError } from "../../errors.js";
import type { Configuration, Layer } from "../../model/layer.js";
import { slideImage } from "../../model/shape.js";
import { filterGradient } from "./filter-gradient.js";
import { poolingGradient } from "./pooling-gradient.js";

export type Tf = typeof TensorFlow;
export type Tensor = TensorFlow.Tensor;

/** What a layer computes before its activation, and the gradients of that. */
export interface Operation {
  /** `parameters` in the order of the layer's tensors (kernel, then bias). */
  forward(input: Tensor, parameters: readonly Tensor[]): Tensor;
  /**
   * Gradients at the input (null unless `wantsInput`) and at each parameter tensor, by explicit
   * kernels: unlike a tape, they may run with any weights and any input.
   */
  backward(
    input: Tensor,
    parameters: readonly Tensor[],
    outputGradient: Tensor,
    wantsInput: boolean,
  ): { input: Tensor | null; parameters: Tensor[] };
}

/** Binds a layer to tfjs operations; tensors are [batch, ...shape], channels last. */
export function bindOperation(tf: Tf, layer: Layer): Operation {
  const { configuration } = layer;
  switch (configuration.kind) {
    case "dense":
      return dense(tf, configuration);
    case "conv2d":
      return convolution(tf, layer, configuration);
    case "maxPooling2d":
    case "averagePooling2d":
      return pooling(tf, layer, configuration);
    case "flatten":
      return flatten();
    default:
      throw new InputError(
        `Expected a layer that tfjs runs but ${layer.name} is ${configuration.kind}`,
      );
  }
}

function flatten(): Operation {
  return {
    forward: (input) => input.reshape([input.shape[0] as number, -1]),
    backward: (input, _, outputGradient) => ({
      input: outputGradient.reshape(input.shape),
      parameters: [],
    }),
  };
}

function dense(tf: Tf, { useBias }: Configuration<"dense">): Operation {
  return {
    forward(input, [kernel, bias]) {
      const product = tf.matMul(input, kernel as Tensor);
      return bias ? tf.add(product, bias) : product;
    },
    backward(input, [kernel], outputGradient, wantsInput) {
      const kernelGradient = tf.matMul(input, outputGradient, true, false);
      return {
        input: wantsInput ? tf.matMul(outputGradient, kernel as Tensor, false, true) : null,
        parameters: useBias ? [kernelGradient, tf.sum(outputGradient, 0)] : [kernelGradient],
      };
    },
  };
}

/**
 * Padding is explicit: with `same`, tfjs 4.22 on wasm gives wrong values where a stride is larger
 * than the kernel.
 */
function convolution(
  tf: Tf,
  layer: Layer,
  { kernelSize, strides, padding, useBias }: Configuration<"conv2d">,
): Operation {
  const { before, after } = slideImage(layer.inputShape, kernelSize, strides, padding);
  const isPadded = [...before, ...after].some((size) => size > 0);
  const pad = (input: Tensor): Tensor =>
    isPadded
      ? tf.pad(input, [
          [0, 0],
          [before[0], after[0]],
          [before[1], after[1]],
          [0, 0],
        ])
      : input;
  const settings = { strides: [...strides], pad: "valid", dataFormat: "NHWC" };
  return {
    forward(input, [kernel, bias]) {
      const product = tf.conv2d(
        pad(input) as TensorFlow.Tensor4D,
        kernel as TensorFlow.Tensor4D,
        [...strides],
        "valid",
      );
      return bias ? tf.add(product, bias) : product;
    },
    backward(input, [kernel], outputGradient, wantsInput) {
      const padded = pad(input);
      const kernelGradient = filterGradient(tf, padded, outputGradient, { kernelSize, strides });
      const parameters = useBias
        ? [kernelGradient, tf.sum(outputGradient, [0, 1, 2])]
        : [kernelGradient];
      if (!wantsInput) return { input: null, parameters };
      const gradient = tf
        .engine()
        .runKernel(
          "Conv2DBackpropInput",
          { dy: outputGradient, filter: kernel as Tensor },
          { ...settings, inputShape: padded.shape },
        ) as Tensor;
      const start = [0, ...before, 0];
      return { input: isPadded ? tf.slice(gradient, start, input.shape) : gradient, parameters };
    },
  };
}

function pooling(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"maxPooling2d" | "averagePooling2d">,
): Operation {
  const { kind, poolSize, strides, padding } = configuration;
  const pool = kind === "maxPooling2d" ? tf.maxPool : tf.avgPool;
  return {
    forward: (input) =>
      pool(input as TensorFlow.Tensor4D, [...poolSize], [...strides], padding as "valid" | "same"),
    backward: (input, _, outputGradient, wantsInput) => ({
      input: wantsInput ? poolingGradient(tf, layer, configuration, input, outputGradient) : null,
      parameters: [],
    }),
  };
}
