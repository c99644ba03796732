import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import type { Tf } from "./operation.js";

/** The backends that compute in TensorFlow, by the packages that register them. */
const packages = {
  node: "@tensorflow/tfjs-node",
  "node-gpu": "@tensorflow/tfjs-node-gpu",
} as const;

/** A backend that computes in TensorFlow. */
export type NodeBackend = keyof typeof packages;

/** What tfjs-node registers, as far as it is asked. */
interface NodeJSKernelBackend {
  readonly isGPUPackage: boolean;
  readonly binding: { readonly TF_Version: string };
}

/**
 * Loads tfjs-node or tfjs-node-gpu, which register their backend with tfjs.
 * @throws InputError in a second thread of a process, and beside the other one: both share
 *   TensorFlow's state without a lock, and go by the same name in tfjs.
 */
export async function loadNodeAddon(tf: Tf, backend: NodeBackend): Promise<void> {
  const loaded = registered(tf);
  if (loaded) {
    const other = loaded.isGPUPackage ? "node-gpu" : "node";
    if (other === backend) return;
    throw new InputError(
      `Expected one backend of TensorFlow in a process but ${other} is loaded and ${backend} was ` +
        "asked for; start another process for it",
    );
  }
  if (isInAnotherThread())
    throw new InputError(
      `Expected ${backend} in one thread of a process but another thread has loaded tfjs-node; ` +
        "use it there, or start another process",
    );
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = (await import("node:util"))
    .default;
  // tfjs-node 4.22 calls a function that Node 23 took away.
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  // TensorFlow greets on standard error.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  await importPackage(packages[backend]);
}

/** The version of TensorFlow that computes, as its library tells it; null where that cannot be told. */
export function tensorFlowVersion(tf: Tf): string | null {
  return registered(tf)?.binding?.TF_Version ?? null;
}

/** What this thread has loaded. */
function registered(tf: Tf): NodeJSKernelBackend | null {
  return tf.findBackend("tensorflow") as unknown as NodeJSKernelBackend | null;
}

/** Whether the process has the addon, which this thread has not loaded. */
function isInAnotherThread(): boolean {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  // Else it asks for the names of all addresses.
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as unknown as { sharedObjects: readonly string[] };
  if (before !== undefined) report.excludeNetwork = before;
  return sharedObjects.some((path) => path.endsWith("tfjs_binding.node"));
}

/** From the project that FERRET_TFJS_NODE names, or else as any other package. */
async function importPackage(name: string): Promise<unknown> {
  const project = process.env.FERRET_TFJS_NODE;
  if (!project) return import(/* @vite-ignore */ name);
  const folder = resolve(project);
  const require = createRequire(join(folder, "package.json"));
  try {
    require.resolve(name);
  } catch {
    throw new InputError(
      `Expected a project with ${name} for FERRET_TFJS_NODE but ${folder} has none; name its folder, or unset ` +
        "the variable",
    );
  }
  return require(name);
}
