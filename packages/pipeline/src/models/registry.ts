import type { ModelBuilder } from "./contract.js";
import { convNet } from "./convnet.js";
import { mlp } from "./mlp.js";
import { mnistNet } from "./mnistnet.js";
import { mobileNet } from "./mobilenet.js";
import { resNet18 } from "./resnet18.js";

/** Built-in models by name; one row a model. */
export const builtInModels: Readonly<Record<string, ModelBuilder>> = {
  mlp,
  mnistnet: mnistNet,
  convnet: convNet,
  resnet18: resNet18,
  mobilenet: mobileNet,
};
