import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const made = fileURLToPath(new URL("../../../.ferret/tfjs-node", import.meta.url));
const addon = "node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node";

/** A project with tfjs-node and its addon, as FERRET_TFJS_NODE names it; null if there is none. */
export const tfjsNodeProject: string | null =
  [process.env.FERRET_TFJS_NODE, made].find((at) => at && existsSync(join(at, addon))) ?? null;

if (tfjsNodeProject === null)
  console.warn("Skipped: tfjs-node on TensorFlow, which npm run setup:tfjs-node provides");
