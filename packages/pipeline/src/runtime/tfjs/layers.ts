import type * as tfjs from "@tensorflow/tfjs";
import { registerActivations } from "./register-activations.js";
import { registerGroupNormalization } from "./register-group-normalization.js";

/**
 * Registers the layers that models here may have and tfjs does not know, so that
 * `tf.loadLayersModel` reads what `saveLayersModel` wrote: `InstanceNormalization`,
 * `GroupNormalization`, `ELU` of any alpha, the activation `leaky_relu`.
 *
 * ```js
 * registerLayers(tf);
 * const network = await tf.loadLayersModel("file://my-model/model.json");
 * ```
 *
 * @param tf the tfjs that is going to load the model.
 */
export function registerLayers(tf: typeof tfjs): void {
  /**
   * Each channel of each sample to mean 0 and variance 1 over height and width, then times gamma,
   * plus beta (Ulyanov et al. 2016, arXiv 1607.08022).
   */
  class InstanceNormalization extends tf.layers.Layer {
    static className = "InstanceNormalization";
    readonly #settings: {
      readonly epsilon: number;
      readonly center: boolean;
      readonly scale: boolean;
    };
    #gamma: tfjs.LayerVariable | null = null;
    #beta: tfjs.LayerVariable | null = null;

    constructor(config: { epsilon?: number; center?: boolean; scale?: boolean } = {}) {
      super(config as ConstructorParameters<typeof tf.layers.Layer>[0]);
      const { epsilon = 1e-3, center = true, scale = true } = config;
      this.#settings = { epsilon, center, scale };
    }

    override build(inputShape: tfjs.Shape | tfjs.Shape[]): void {
      const channels = (inputShape as tfjs.Shape)[3] as number;
      const add = (name: string, initial: "ones" | "zeros") =>
        this.addWeight(name, [channels], "float32", tf.initializers[initial](), undefined, true);
      if (this.#settings.scale) this.#gamma = add("gamma", "ones");
      if (this.#settings.center) this.#beta = add("beta", "zeros");
      this.built = true;
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      return tf.tidy(() => {
        const input = (Array.isArray(inputs) ? inputs[0] : inputs) as tfjs.Tensor;
        const { mean, variance } = tf.moments(input, [1, 2], true);
        const deviation = tf.sqrt(tf.add(variance, this.#settings.epsilon));
        let output: tfjs.Tensor = tf.div(tf.sub(input, mean), deviation);
        if (this.#gamma) output = tf.mul(output, this.#gamma.read());
        if (this.#beta) output = tf.add(output, this.#beta.read());
        return output;
      });
    }

    override computeOutputShape(inputShape: tfjs.Shape | tfjs.Shape[]): tfjs.Shape | tfjs.Shape[] {
      return inputShape;
    }

    override getConfig(): tfjs.serialization.ConfigDict {
      return { ...super.getConfig(), ...this.#settings };
    }
  }
  tf.serialization.registerClass(InstanceNormalization);
  registerActivations(tf);
  registerGroupNormalization(tf);
}
