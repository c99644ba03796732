import { referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import { checkRecord } from "../check-options.js";
import { expected } from "../errors.js";
import type { Runtime } from "./contract.js";
import { loadNativeRuntime, loadNativeVectorKernels } from "./native.js";
import { loadTfjsRuntime, type TfjsBackend } from "./tfjs/load.js";

/** Names a runtime, so that a thread can load it for itself. */
export type RuntimeChoice =
  | { readonly name: "native" }
  | { readonly name: "tfjs"; readonly backends?: readonly TfjsBackend[] };

/**
 * Loads a runtime and the vector kernels that go with it: native ones with native programs, plain
 * TypeScript with tfjs.
 * @throws InputError with the remedy if it cannot be used here.
 */
export async function loadRuntime(
  choice: RuntimeChoice,
): Promise<{ readonly runtime: Runtime; readonly kernels: VectorKernels }> {
  checkRecord(choice, "choice");
  if (choice.name !== "native" && choice.name !== "tfjs")
    throw expected("native or tfjs", "choice.name", (choice as { name: unknown }).name);
  if (choice.name === "tfjs")
    return { runtime: await loadTfjsRuntime(choice.backends), kernels: referenceKernels };
  return { runtime: await loadNativeRuntime(), kernels: await loadNativeVectorKernels() };
}
