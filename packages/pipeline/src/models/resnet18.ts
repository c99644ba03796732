import type { FunctionalSpecification } from "../model/spec.js";
import { isSmallImage, type ModelBuilder } from "./contract.js";
import { batchNorm, convolution, type Entry } from "./convolution.js";

/** Channels of the four groups of two blocks; each but the first halves height and width. */
const groups = [64, 128, 256, 512] as const;

/**
 * ResNet-18 (He et al. 2016) as torchvision has it, with its module names. Images up to 64 pixels
 * get the usual small stem: 3 x 3, stride 1, no pooling.
 */
export const resNet18: ModelBuilder = (inputShape, classes) => {
  const graph = new Graph(inputShape);
  if (isSmallImage(inputShape))
    graph.append(convolution("conv1", { filters: 64, kernel: 3, stride: 1 }));
  else graph.append(convolution("conv1", { filters: 64, kernel: 7, stride: 2 }));
  graph.append([batchNorm("bn1"), relu("relu")]);
  if (!isSmallImage(inputShape))
    graph.append([
      { class_name: "ZeroPadding2D", config: { name: "maxpool.pad", padding: [1, 1] } },
      {
        class_name: "MaxPooling2D",
        config: { name: "maxpool", pool_size: [3, 3], strides: [2, 2] },
      },
    ]);
  groups.forEach((filters, group) => {
    appendBlock(graph, `layer${group + 1}.0`, filters, group === 0 ? 1 : 2);
    appendBlock(graph, `layer${group + 1}.1`, filters, 1);
  });
  graph.append([
    { class_name: "GlobalAveragePooling2D", config: { name: "avgpool" } },
    { class_name: "Dense", config: { name: "fc", units: classes } },
  ]);
  return graph.specification("resnet18");
};

/** Two convolutions beside a shortcut; where the shape changes, the shortcut is a convolution. */
function appendBlock(graph: Graph, name: string, filters: number, stride: number): void {
  const input = graph.end;
  graph.append([
    ...convolution(`${name}.conv1`, { filters, kernel: 3, stride }),
    batchNorm(`${name}.bn1`),
    relu(`${name}.relu1`),
    ...convolution(`${name}.conv2`, { filters, kernel: 3, stride: 1 }),
    batchNorm(`${name}.bn2`),
  ]);
  const main = graph.end;
  graph.end = input;
  if (stride > 1)
    graph.append([
      ...convolution(`${name}.downsample.0`, { filters, kernel: 1, stride }),
      batchNorm(`${name}.downsample.1`),
    ]);
  graph.join(name, main);
  graph.append([relu(`${name}.relu2`)]);
}

function relu(name: string): Entry {
  return { class_name: "ReLU", config: { name } };
}

/** Writes a functional model layer by layer. */
class Graph {
  readonly #layers: FunctionalSpecification["config"]["layers"] = [];
  /** The layer that the next one follows. */
  end = "input";

  constructor(inputShape: readonly number[]) {
    const config = { name: "input", batch_input_shape: [null, ...inputShape] };
    this.#layers.push({ class_name: "InputLayer", name: "input", config, inbound_nodes: [] });
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) this.#push(entry, [this.end]);
  }

  /** An Add of the path that ends at `main` and the one that ends here. */
  join(name: string, main: string): void {
    this.#push({ class_name: "Add", config: { name } }, [main, this.end]);
  }

  specification(name: string): FunctionalSpecification {
    return {
      class_name: "Functional",
      config: {
        name,
        layers: this.#layers,
        input_layers: [["input", 0, 0]],
        output_layers: [[this.end, 0, 0]],
      },
    };
  }

  #push(entry: Entry, inputs: readonly string[]): void {
    const name = entry.config.name as string;
    this.#layers.push({ ...entry, name, inbound_nodes: [inputs.map((each) => [each, 0, 0, {}])] });
    this.end = name;
  }
}
