import type * as tfjs from "@tensorflow/tfjs";

interface Settings {
  readonly groups: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/**
 * Registers `GroupNormalization`: each group of channels of each sample to mean 0 and variance 1 over
 * height and width, then times gamma, plus beta (Wu and He 2018, arXiv 1803.08494).
 */
export function registerGroupNormalization(tf: typeof tfjs): void {
  class GroupNormalization extends tf.layers.Layer {
    static className = "GroupNormalization";
    readonly #settings: Settings;
    #gamma: tfjs.LayerVariable | null = null;
    #beta: tfjs.LayerVariable | null = null;

    constructor(config: Partial<Settings> = {}) {
      super(config as ConstructorParameters<typeof tf.layers.Layer>[0]);
      const { groups = 32, epsilon = 1e-3, center = true, scale = true } = config;
      this.#settings = { groups, epsilon, center, scale };
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
        const [batch, height, width, channels] = input.shape as [number, number, number, number];
        const groups = this.#settings.groups === -1 ? channels : this.#settings.groups;
        const grouped = input.reshape([batch, height * width, groups, channels / groups]);
        const { mean, variance } = tf.moments(grouped, [1, 3], true);
        const deviation = tf.sqrt(tf.add(variance, this.#settings.epsilon));
        let output = tf.div(tf.sub(grouped, mean), deviation).reshape(input.shape);
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
  tf.serialization.registerClass(GroupNormalization);
}
