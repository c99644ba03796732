import { expected, InputError } from "../../errors.js";
import type { Runtime } from "../contract.js";
import type { Tf } from "./operation.js";
import { TfjsProgram } from "./program.js";

/** A backend of tfjs, by name. */
export type TfjsBackend = "node-gpu" | "node" | "wasm" | "cpu";

/**
 * How each backend is loaded, and what tfjs calls it; in order of preference. Of what a package gives
 * nothing is asked, so the types of this module hold where it is not installed.
 */
const backends: Readonly<
  Record<TfjsBackend, { readonly name: string; readonly load: () => Promise<unknown> }>
> = {
  "node-gpu": { name: "tensorflow", load: () => importNodeAddon("@tensorflow/tfjs-node-gpu") },
  node: { name: "tensorflow", load: () => importNodeAddon("@tensorflow/tfjs-node") },
  wasm: { name: "wasm", load: () => import("@tensorflow/tfjs-backend-wasm") },
  cpu: { name: "cpu", load: async () => {} },
};

/**
 * Loads the tfjs runtime: slower than the native one, but it runs wherever Node does.
 *
 * Sets the process-wide tfjs backend. tfjs keeps its own copies of what it works on, which the
 * ledger does not see.
 *
 * @param names backends in order of preference; by default all of them, fastest first: `node-gpu`
 *   and `node` need `@tensorflow/tfjs-node-gpu` and `@tensorflow/tfjs-node` (libtensorflow; in one
 *   thread of a process only), `wasm` needs `@tensorflow/tfjs-backend-wasm`. One that cannot be
 *   loaded is passed over; the runtime's description names it unless it is just not installed.
 * @throws InputError with the remedy where tfjs or all of the backends are missing.
 */
export async function loadTfjsRuntime(
  names: readonly TfjsBackend[] = Object.keys(backends) as TfjsBackend[],
): Promise<Runtime> {
  checkNames(names);
  const tf = await importTfjs();
  // Else tfjs greets on standard error as soon as a backend starts.
  tf.enableProdMode();
  const reasons: string[] = [];
  const broken: string[] = [];
  for (const key of names) {
    const { name, load } = backends[key];
    try {
      await load();
      if (!(await tf.setBackend(name))) throw new Error("tfjs refused it");
      await tf.ready();
      const passedOver = broken.length > 0 ? `, not on ${broken.join(" or ")}` : "";
      return {
        name: "tfjs",
        description: `tfjs ${tf.version_core} on its ${key} backend${passedOver}`,
        layerScratchBytes: () => 0,
        compile: (layers, batch, mode = "learn") => new TfjsProgram(tf, layers, batch, mode),
      };
    } catch (error) {
      const reason = `${key}: ${firstLine(error)}`;
      reasons.push(reason);
      if (!isMissingPackage(error)) broken.push(reason);
    }
  }
  throw new InputError(
    `Expected one of the tfjs backends ${names.join(", ")} but none can be used ` +
      `(${reasons.join("; ")}); install @tensorflow/tfjs-backend-wasm or choose cpu`,
  );
}

function checkNames(names: readonly TfjsBackend[]): void {
  const known = Object.keys(backends).join(", ");
  if (!Array.isArray(names) || names.length === 0)
    throw expected(`one or more of ${known}`, "backends", names);
  for (const name of names)
    if (!Object.hasOwn(backends, name)) throw expected(`one of ${known}`, "backends", name);
}

/** tfjs-node, for which no types are installed here: it only has to register its backend. */
async function importNodeAddon(name: string): Promise<unknown> {
  // tfjs-node 4.22 calls a function that Node 23 took away.
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = (await import("node:util"))
    .default;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  return import(/* @vite-ignore */ name);
}

/** A package that is there but misses its binary fails with an error that has no code. */
function isMissingPackage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n")[0] as string;
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
