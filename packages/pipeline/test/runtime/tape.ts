import * as tfModule from "@tensorflow/tfjs";
import { nameParameters } from "../../src/engine.js";
import { type Model, parseModel } from "../../src/index.js";
import { registerLayers } from "../../src/runtime/tfjs/layers.js";
import type { Case } from "./runtime-cases.js";
import { count, type Passes, random, randomParameters } from "./runtime-passes.js";

export const tf = "default" in tfModule ? (tfModule.default as typeof tfModule) : tfModule;
tf.enableProdMode();

type Variables = Map<string, tfModule.Tensor>;

/** Instance normalisation, which tfjs has not, on its operations. */
class InstanceNormalization extends tf.layers.Layer {
  static className = "InstanceNormalization";
  readonly #config: { epsilon: number; center: boolean; scale: boolean };
  #gamma: tfModule.LayerVariable | null = null;
  #beta: tfModule.LayerVariable | null = null;

  constructor(config: { epsilon: number; center: boolean; scale: boolean }) {
    super(config as object);
    this.#config = config;
  }

  override build(inputShape: tfModule.Shape): void {
    const shape = [inputShape[3] as number];
    const { scale, center } = this.#config;
    const ones = tf.initializers.ones();
    if (scale) this.#gamma = this.addWeight("gamma", shape, "float32", ones);
    if (center) this.#beta = this.addWeight("beta", shape, "float32", ones);
    this.built = true;
  }

  override call(inputs: tfModule.Tensor | tfModule.Tensor[]): tfModule.Tensor {
    const input = Array.isArray(inputs) ? (inputs[0] as tfModule.Tensor) : inputs;
    const { mean, variance } = tf.moments(input, [1, 2], true);
    let output = tf.div(tf.sub(input, mean), tf.sqrt(tf.add(variance, this.#config.epsilon)));
    if (this.#gamma) output = tf.mul(output, this.#gamma.read());
    if (this.#beta) output = tf.add(output, this.#beta.read());
    return output;
  }
}
registerLayers(tf as typeof tfModule);
tf.serialization.registerClass(InstanceNormalization);

/** A model as tfjs itself builds it from the specification, with the parameters of `passes`. */
async function tfjsModel(
  specification: Case["specification"],
  parameters: ReturnType<typeof nameParameters>,
): Promise<tfModule.LayersModel> {
  const topology = { modelTopology: specification } as never;
  const network = await tf.models.modelFromJSON(topology);
  setWeights(network, parameters);
  return network;
}

function setWeights(
  network: tfModule.LayersModel,
  parameters: ReturnType<typeof nameParameters>,
): void {
  tf.tidy(() => {
    network.setWeights(
      network.weights.map(({ originalName }) => {
        const { values, shape } = parameters.get(originalName)!;
        return tf.tensor(values, [...shape]);
      }),
    );
  });
}

/** The same as `passes`, by tfjs' own layers and its tape, on the backend that is set. */
export async function tapePasses({ specification, batch }: Case): Promise<Passes> {
  const model: Model = parseModel(specification);
  const parameters = nameParameters(model, randomParameters(model.layers, 2));
  const network = await tfjsModel(specification, parameters);
  const shape = [batch, ...model.inputShape];
  const values = tf.tidy(() => {
    const input = tf.tensor(random(count(shape), 1), shape);
    const predicted = floats(network.predict(input) as tfModule.Tensor);
    const output = network.apply(input, { training: true }) as tfModule.Tensor;
    const moved = new Map(
      network.weights.map((weight) => [weight.originalName, floats(weight.read())]),
    );
    setWeights(network, parameters);
    const weights = tf.tensor(random(output.size, 9), output.shape);
    const objective = (x: tfModule.Tensor) =>
      tf.sum(tf.mul(network.apply(x, { training: true }) as tfModule.Tensor, weights));
    const inputGradient = floats(tf.grad(objective)(input));
    const trained = network.trainableWeights;
    const grads: Variables =
      trained.length === 0
        ? new Map()
        : new Map(
            Object.entries(tf.variableGrads(() => objective(input) as tfModule.Scalar).grads),
          );
    const gradient = new Float32Array(model.parameterCount);
    let offset = 0;
    for (const { name, shape: size, momentum } of model.layers.flatMap((l) => l.parameters)) {
      const before = parameters.get(name)!.values;
      if (momentum === undefined) {
        const variable = trained.find(({ originalName }) => originalName === name)!;
        gradient.set(floats(grads.get(variable.name)!), offset);
      } else {
        // tfjs moves the statistic; the rate tells how far it was from the batch's.
        const after = moved.get(name)!;
        before.forEach((value, index) => {
          gradient[offset + index] = (value - after[index]!) / (1 - momentum);
        });
      }
      offset += count(size);
    }
    const learned = floats(output);
    return { output: learned, unsaved: learned, predicted, inputGradient, gradients: [gradient] };
  });
  network.dispose();
  return values;
}

function floats(tensor: tfModule.Tensor | tfModule.Variable): Float32Array {
  return (tensor.dataSync() as Float32Array).slice();
}
