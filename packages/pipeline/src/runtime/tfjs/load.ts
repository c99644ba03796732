import { InputError } from "../../errors.js";
import type { Runtime } from "../contract.js";
import type { Tf } from "./operations.js";
import { TfjsProgram } from "./program.js";

export type TfjsBackend = "wasm" | "cpu";

/**
 * Loads the tfjs runtime: slower than the native one, but it runs wherever Node does.
 *
 * Sets the process-wide tfjs backend. tfjs keeps its own copies of what it works on, which the
 * ledger does not see.
 *
 * @param backends in order of preference; wasm needs `@tensorflow/tfjs-backend-wasm`.
 * @throws InputError with the remedy where tfjs or all of the backends are missing.
 */
export async function loadTfjsRuntime(
  backends: readonly TfjsBackend[] = ["wasm", "cpu"],
): Promise<Runtime> {
  const tf = await importTfjs();
  // Else tfjs greets on standard error as soon as a backend starts.
  tf.enableProdMode();
  const reasons: string[] = [];
  for (const backend of backends) {
    try {
      if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
      if (!(await tf.setBackend(backend))) throw new Error("tfjs refused it");
      await tf.ready();
      return {
        name: "tfjs",
        description: `tfjs ${tf.version_core} on its ${backend} backend`,
        layerScratchBytes: () => 0,
        compile: (layers, batch) => new TfjsProgram(tf, layers, batch),
      };
    } catch (error) {
      reasons.push(`${backend}: ${(error as Error).message}`);
    }
  }
  throw new InputError(
    `Expected one of the tfjs backends ${backends.join(", ")} but none can be used ` +
      `(${reasons.join("; ")}); install @tensorflow/tfjs-backend-wasm or choose cpu`,
  );
}

async function importTfjs(): Promise<Tf> {
  try {
    const module = await import("@tensorflow/tfjs");
    // Node gives a CommonJS package as the default export of its namespace.
    return "default" in module ? (module.default as Tf) : module;
  } catch (error) {
    throw new InputError(
      "Expected the package @tensorflow/tfjs for the tfjs runtime but it cannot be loaded " +
        `(${(error as Error).message}); install it with npm install @tensorflow/tfjs`,
    );
  }
}
