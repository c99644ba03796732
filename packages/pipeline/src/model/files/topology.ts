import { elementName } from "../elements.js";
import { readInputs } from "../inbound.js";
import { canonicalInitialiser } from "../initialisers.js";
import { settingsOf } from "../layers/registry.js";
import type { ModelSpecification } from "../spec.js";

type Config = Readonly<Record<string, unknown>>;

/** Keys that tfjs takes of every layer. Ours is float32 throughout. */
const common = ["name", "trainable"];

/** What layers beside the kinds have. */
const otherSettings: Readonly<Record<string, readonly string[]>> = {
  ZeroPadding2D: ["padding"],
  Softmax: ["axis"],
};

/**
 * The topology as tfjs reads it. It knows neither Keras 3's names (`batch_shape`, objects in place of
 * types, tensors in place of names) nor a list as axis; and a layer without a name would get one of
 * tfjs' own, which no weight would fit. What has no effect here is left out.
 *
 * @param specification one that was parsed.
 */
export function tfjsTopology({ class_name, config }: ModelSpecification): object {
  const layers = config.layers.map((layer, index) => {
    const name = elementName(layer.class_name, layer.config, index);
    const written = {
      class_name: layer.class_name,
      config: { ...tfjsConfig(layer.class_name, layer.config), name },
    };
    if (class_name === "Sequential") return written;
    const inputs = readInputs(layer, name, name).map((input) => [input, 0, 0, {}]);
    return { ...written, name, inbound_nodes: inputs.length === 0 ? [] : [inputs] };
  });
  const name = config.name ?? "model";
  if (class_name === "Sequential") return { class_name, config: { name, layers } };
  const ends = config as unknown as Record<"input_layers" | "output_layers", unknown[]>;
  return {
    class_name: "Model",
    config: {
      name,
      layers,
      input_layers: [flatEnd(ends.input_layers)],
      output_layers: [flatEnd(ends.output_layers)],
    },
  };
}

/** `["name", 0, 0]`, of that or of a list of one. */
const flatEnd = (end: readonly unknown[]): unknown => (typeof end[0] === "string" ? end : end[0]);

function tfjsConfig(className: string, config: Config): Config {
  const settings = settingsOf(className) ?? {};
  const { read = otherSettings[className] ?? [], parameters = [], tfjsNames = {} } = settings;
  const written: Record<string, unknown> = {};
  const shape = config.batch_input_shape ?? config.batch_shape ?? null;
  if (shape !== null) Object.assign(written, { batch_input_shape: shape, dtype: "float32" });
  for (const key of [...common, ...read]) {
    const value = config[key] ?? null;
    // Channels are the axis, which is what tfjs takes by itself.
    if (value !== null && key !== "axis") written[tfjsNames[key] ?? key] = value;
  }
  for (const key of parameters.map((role) => `${role}_initializer`)) {
    const initialiser = canonicalInitialiser(config[key]);
    if (initialiser) written[key] = initialiser;
  }
  return written;
}
