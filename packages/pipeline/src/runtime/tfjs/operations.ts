import type { Activation } from "../../model/activation.js";
import type { Configuration, Layer, LayerConfiguration } from "../../model/layer.js";
import type { ProgramMode } from "../contract.js";
import { activationLayer } from "./activation.js";
import { averagePooling, globalAveragePooling } from "./average-pooling.js";
import { convolution } from "./convolution.js";
import { depthwise } from "./depthwise.js";
import { dropout } from "./dropout.js";
import { groupNormalization } from "./group-normalization.js";
import { maxPooling } from "./max-pooling.js";
import { normalization } from "./normalization.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { view } from "./view.js";

/** What a layer's operation hangs on beside the layer. */
export interface Surroundings {
  readonly mode: ProgramMode;
  /** Activation of the layer before, where this one passes the gradient through it. */
  readonly rectified: Activation;
}

type OperationKind = Exclude<LayerConfiguration["kind"], "residual">;
type Bind<K extends OperationKind> = (
  tf: Tf,
  layer: Layer,
  configuration: Configuration<K>,
  surroundings: Surroundings,
) => Operation;

/** Every kind but the residual block, which is no operation but two chains of them. */
const kinds: { readonly [K in OperationKind]: Bind<K> } = {
  dense,
  conv2d: convolution,
  depthwiseConv2d: depthwise,
  maxPooling2d: maxPooling,
  averagePooling2d: averagePooling,
  globalAveragePooling2d: globalAveragePooling,
  batchNormalization: normalization,
  instanceNormalization: normalization,
  groupNormalization,
  layerNormalization: groupNormalization,
  flatten: view,
  activation: activationLayer,
  dropout,
};

/** Binds a layer to tfjs operations. */
export function bindOperation(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<OperationKind>,
  surroundings: Surroundings,
): Operation {
  const bind = kinds[configuration.kind] as Bind<OperationKind>;
  return bind(tf, layer, configuration, surroundings);
}

function dense(tf: Tf, _: Layer, { useBias }: Configuration<"dense">): Operation {
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
