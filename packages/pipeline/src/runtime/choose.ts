import type { VectorKernels } from "@ferret-ocl/compensation";
import { expected, isInputError } from "../errors.js";
import type { Runtime } from "./contract.js";
import { loadRuntime, type RuntimeChoice } from "./load.js";

/** What people call a runtime; the last four are backends of tfjs. */
export const runtimeNames = ["auto", "native", "tfjs", "node-gpu", "node", "wasm", "cpu"] as const;
/** A name of `runtimeNames`. */
export type RuntimeName = (typeof runtimeNames)[number];

/** A runtime that was loaded, and what people should know of the choice. */
export interface ChosenRuntime {
  readonly runtime: Runtime;
  /** The vector kernels that go with it. */
  readonly kernels: VectorKernels;
  /** How a thread loads the same one for itself. */
  readonly choice: RuntimeChoice;
  /** Why not the first choice, and the remedy; null where it is the first choice. */
  readonly notice: string | null;
}

/**
 * Loads a runtime by name.
 * @param name `auto`: native programs, without them tfjs on its fastest backend that works here.
 * @throws InputError where the one that was asked for cannot be used.
 */
export async function chooseRuntime(name: RuntimeName = "auto"): Promise<ChosenRuntime> {
  if (!runtimeNames.includes(name)) throw expected(runtimeNames.join(", "), "runtime", name);
  let reason: string | null = null;
  if (name === "native" || name === "auto")
    try {
      return await load({ name: "native" }, null);
    } catch (error) {
      if (name === "native" || !isInputError(error)) throw error;
      reason = error.message;
    }
  const isAnyBackend = name === "auto" || name === "tfjs";
  const chosen = await load({ name: "tfjs", ...(isAnyBackend ? {} : { backends: [name] }) }, null);
  const notice = reason && `${reason}; going on with ${chosen.runtime.description}`;
  return { ...chosen, notice };
}

async function load(choice: RuntimeChoice, notice: string | null): Promise<ChosenRuntime> {
  return { ...(await loadRuntime(choice)), choice, notice };
}
