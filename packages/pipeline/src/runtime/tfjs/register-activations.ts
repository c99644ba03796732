import type * as tfjs from "@tensorflow/tfjs";
import { activate } from "./activation.js";

/** Registers the activation `leaky_relu`, and `ELU` layers of any alpha in place of tfjs' own. */
export function registerActivations(tf: typeof tfjs): void {
  class LeakyRelu extends tf.serialization.Serializable {
    // As tfjs turns Keras' name.
    static className = "leakyRelu";

    apply(values: tfjs.Tensor): tfjs.Tensor {
      return activate(tf, { name: "leakyRelu", alpha: 0.2 }, values);
    }

    getConfig(): tfjs.serialization.ConfigDict {
      return {};
    }
  }

  class Elu extends tf.layers.Layer {
    static className = "ELU";
    readonly #alpha: number;

    constructor(config: { alpha?: number } = {}) {
      super(config as ConstructorParameters<typeof tf.layers.Layer>[0]);
      this.#alpha = config.alpha ?? 1;
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      const input = (Array.isArray(inputs) ? inputs[0] : inputs) as tfjs.Tensor;
      return tf.tidy(() => activate(tf, { name: "elu", alpha: this.#alpha }, input));
    }

    override computeOutputShape(inputShape: tfjs.Shape | tfjs.Shape[]): tfjs.Shape | tfjs.Shape[] {
      return inputShape;
    }

    override getConfig(): tfjs.serialization.ConfigDict {
      return { ...super.getConfig(), alpha: this.#alpha };
    }
  }
  tf.serialization.registerClass(LeakyRelu);
  tf.serialization.registerClass(Elu);
}
