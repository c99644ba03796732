import type { Activation } from "../../model/activation.js";
import type { Configuration, Layer, LayerConfiguration } from "../../model/layer.js";
import type { ProgramMode } from "../contract.js";
import { averagePooling, globalAveragePooling } from "./average-pooling.js";
import { convolution } from "./convolution.js";
import { depthwise } from "./depthwise.js";
import { maxPooling } from "./max-pooling.js";
import { normalization } from "./normalization.js";
import type { Operation, Tensor, Tf } from "./operation.js";

/**
 * Binds a layer to tfjs operations; a residual block is no operation but two chains of them.
 * @param rectified activation of the layer before, where this one passes the gradient through it.
 */
export function bindOperation(
  tf: Tf,
  layer: Layer,
  configuration: Exclude<LayerConfiguration, { kind: "residual" }>,
  mode: ProgramMode,
  rectified: Activation,
): Operation {
  switch (configuration.kind) {
    case "dense":
      return dense(tf, configuration);
    case "conv2d":
      return convolution(tf, layer, configuration);
    case "depthwiseConv2d":
      return depthwise(tf, layer, configuration);
    case "maxPooling2d":
      return maxPooling(tf, layer, configuration, rectified);
    case "averagePooling2d":
      return averagePooling(tf, layer, configuration);
    case "globalAveragePooling2d":
      return globalAveragePooling(tf, layer);
    case "batchNormalization":
    case "instanceNormalization":
      return normalization(tf, layer, configuration, mode);
    case "flatten":
    case "activation":
      return view(layer);
  }
}

/** The same values in another shape, or in the same one where only the activation works. */
function view({ inputShape, outputShape }: Layer): Operation {
  return {
    forward: (input) => input.reshape([input.shape[0] as number, ...outputShape]),
    backward: ({ outputGradient }) => ({
      input: outputGradient.reshape([outputGradient.shape[0] as number, ...inputShape]),
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
    backward({ input, parameters: [kernel], outputGradient, wantsInput, wantsParameters }) {
      const gradients = () => {
        const kernelGradient = tf.matMul(input as Tensor, outputGradient, true, false);
        return useBias ? [kernelGradient, tf.sum(outputGradient, 0)] : [kernelGradient];
      };
      return {
        input: wantsInput ? tf.matMul(outputGradient, kernel as Tensor, false, true) : null,
        parameters: wantsParameters ? gradients() : [],
      };
    },
  };
}
