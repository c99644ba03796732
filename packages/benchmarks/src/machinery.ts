import type { VectorKernels } from "@ferret-ocl/compensation";
import { loadKernels } from "@ferret-ocl/kernels-cuda";
import {
  chooseRuntime,
  type Runtime,
  type RuntimeChoice,
  type RuntimeName,
} from "@ferret-ocl/pipeline";

/**
 * Where the math runs: vector kernels and stage programs, and what people should know about them.
 */
export interface Machinery {
  readonly kernels: VectorKernels;
  readonly kernelsName: string;
  readonly runtime: Runtime;
  /** How a thread loads the same runtime for itself. */
  readonly choice: RuntimeChoice;
  /** One line each: what could not be used, and the remedy. */
  readonly notices: readonly string[];
}

/**
 * Loads a runtime and the vector kernels.
 * @param name `auto`: native programs, or without them tfjs on its fastest backend that works here.
 * @throws InputError if the requested one cannot be used.
 */
export async function loadMachinery(name: RuntimeName = "auto"): Promise<Machinery> {
  const { kernels, report } = loadKernels();
  const { runtime, choice, notice } = await chooseRuntime(name);
  return {
    kernels,
    kernelsName: report.chosen,
    runtime,
    choice,
    notices: notice === null ? [] : [notice],
  };
}
