import type { ModelBuilder } from "./contract.js";
import { mlp } from "./mlp.js";
import { mnistNet } from "./mnistnet.js";

/** Built-in models by name; one row a model. */
export const models: Readonly<Record<string, ModelBuilder>> = {
  mlp,
  mnistnet: mnistNet,
};
