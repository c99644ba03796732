import type { VectorKernels } from "@ferret-ocl/compensation";
import { loadKernels } from "@ferret-ocl/kernels-cuda";
import {
  loadNativeRuntime,
  loadTfjsRuntime,
  type Runtime,
  type RuntimeChoice,
} from "@ferret-ocl/pipeline";

/** Where the math runs: vector kernels and stage programs, and what people should know of them. */
export interface Machinery {
  readonly kernels: VectorKernels;
  readonly kernelsName: string;
  readonly runtime: Runtime;
  /** How a thread loads the same runtime for itself. */
  readonly choice: RuntimeChoice;
  /** One line each: what could not be used, and the remedy. */
  readonly notices: readonly string[];
}

/** What `--runtime` takes; the last four are backends of tfjs. */
export const runtimeNames = ["auto", "native", "tfjs", "node-gpu", "node", "wasm", "cpu"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/**
 * Loads a runtime and the vector kernels.
 * @param name `auto`: native programs, without them tfjs on its fastest backend that works here.
 * @throws InputError where the one that was asked for cannot be used.
 */
export async function loadMachinery(name: RuntimeName = "auto"): Promise<Machinery> {
  const { kernels, report } = loadKernels();
  const notices: string[] = [];
  const { runtime, choice } = await chooseRuntime(name, notices);
  return {
    kernels,
    kernelsName: report.chosen,
    runtime,
    choice,
    notices,
  };
}

async function chooseRuntime(
  name: RuntimeName,
  notices: string[],
): Promise<Pick<Machinery, "runtime" | "choice">> {
  let reason = "";
  if (name === "native") return { runtime: await loadNativeRuntime(), choice: { name } };
  if (name === "auto")
    try {
      return { runtime: await loadNativeRuntime(), choice: { name: "native" } };
    } catch (error) {
      const isInput = error instanceof Error && "code" in error && error.code === "FERRET_INPUT";
      if (!isInput) throw error;
      reason = error.message;
    }
  const backends = name === "auto" || name === "tfjs" ? undefined : [name];
  const runtime = await loadTfjsRuntime(backends);
  if (name === "auto") notices.push(`${reason}; going on with ${runtime.description}`);
  return { runtime, choice: { name: "tfjs", ...(backends ? { backends } : {}) } };
}
