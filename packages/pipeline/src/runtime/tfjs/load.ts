import { expected, InputError } from "../../errors.js";
import type { Runtime } from "../contract.js";
import { loadNodeAddon, tensorFlowVersion } from "./node-addon.js";
import type { Tf } from "./operation.js";
import { TfjsProgram } from "./program.js";

/** A backend of tfjs, by name. */
export type TfjsBackend = "node-gpu" | "node" | "wasm" | "cpu";

/**
 * How each backend is loaded, and what tfjs calls it; in order of preference. Of what a package gives
 * nothing is asked, so the types of this module hold where it is not installed.
 */
const backends: Readonly<
  Record<TfjsBackend, { readonly name: string; readonly load: (tf: Tf) => Promise<unknown> }>
> = {
  "node-gpu": { name: "tensorflow", load: (tf) => loadNodeAddon(tf, "node-gpu") },
  node: { name: "tensorflow", load: (tf) => loadNodeAddon(tf, "node") },
  wasm: { name: "wasm", load: () => import("@tensorflow/tfjs-backend-wasm") },
  cpu: { name: "cpu", load: async () => {} },
};

/**
 * Loads the tfjs runtime: slower than the native one, but it runs wherever Node does.
 *
 * Sets tfjs' backend; programs set theirs again when they run, so that runtimes on several backends
 * can stand side by side. tfjs keeps its own copies of what it works on, which the
 * ledger does not see.
 *
 * @param names backends in order of preference; by default all of them, fastest first: `node-gpu`
 *   and `node` need `@tensorflow/tfjs-node-gpu` and `@tensorflow/tfjs-node`, taken from the project
 *   that FERRET_TFJS_NODE names if it is set (TensorFlow; one of the two, and in one thread of a
 *   process only; they block the event loop, also where tfjs promises to read later), `wasm` needs
 *   `@tensorflow/tfjs-backend-wasm`. One that cannot be loaded is passed over; the runtime's
 *   description names it unless it is just not installed.
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
      await load(tf);
      if (!(await tf.setBackend(name))) throw new Error("tfjs refused it");
      await tf.ready();
      const version = name === "tensorflow" ? tensorFlowVersion(tf) : null;
      const library = version === null ? "" : ` (TensorFlow ${version})`;
      const passedOver = broken.length > 0 ? `, not on ${broken.join(" or ")}` : "";
      return {
        name: "tfjs",
        description: `tfjs ${tf.version_core} on its ${key} backend${library}${passedOver}`,
        layerScratchBytes: () => 0,
        compile: (layers, batch, mode = "learn") => new TfjsProgram(tf, name, layers, batch, mode),
      };
    } catch (error) {
      const reason = `${key}: ${firstLine(error)}`;
      reasons.push(reason);
      if (!isMissingPackage(error)) broken.push(reason);
    }
  }
  throw new InputError(
    `Expected one of the tfjs backends ${names.join(", ")} but none can be used ` +
      `(${reasons.join("; ")}); ${remedy(names)}`,
  );
}

function remedy(names: readonly TfjsBackend[]): string {
  const others = "install @tensorflow/tfjs-backend-wasm or choose cpu";
  return names.some((name) => name.startsWith("node"))
    ? `build tfjs-node's addon with npx @ferret-ocl/tfjs-node-build, or ${others}`
    : others;
}

function checkNames(names: readonly TfjsBackend[]): void {
  const known = Object.keys(backends).join(", ");
  if (!Array.isArray(names) || names.length === 0)
    throw expected(`one or more of ${known}`, "backends", names);
  for (const name of names)
    if (!Object.hasOwn(backends, name)) throw expected(`one of ${known}`, "backends", name);
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
