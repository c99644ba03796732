export { type BuildOptions, type BuildReport, buildTfjsNode } from "./build.js";
export { InputError } from "./errors.js";
export type { TensorFlow } from "./tensorflow.js";
export type { Target } from "./tfjs-node.js";
