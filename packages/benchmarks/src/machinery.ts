import { referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
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

/** The fastest runtime and kernels that load here; without the native ones, tfjs. */
export async function loadMachinery(): Promise<Machinery> {
  const { kernels, report } = loadKernels();
  const notices: string[] = [];
  let runtime: Runtime;
  let choice: RuntimeChoice = { name: "native" };
  try {
    runtime = await loadNativeRuntime();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "FERRET_INPUT")
      throw error;
    notices.push(error.message);
    runtime = await loadTfjsRuntime();
    choice = { name: "tfjs" };
    notices.push(`Going on with ${runtime.description}.`);
  }
  return {
    kernels: report.chosen === "reference" ? referenceKernels : kernels,
    kernelsName: report.chosen,
    runtime,
    choice,
    notices,
  };
}
