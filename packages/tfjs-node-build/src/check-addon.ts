import { fileURLToPath } from "node:url";
import { InputError } from "./errors.js";
import { runCommand } from "./run-command.js";
import { type TensorFlow, triedWith } from "./tensorflow.js";
import type { TfjsNode } from "./tfjs-node.js";

/** What an addon says of itself once it is loaded. */
export interface Checked {
  /** The version that the library itself gives. */
  readonly tensorFlow: string;
  /** Whether TensorFlow found a GPU that it can use. */
  readonly usesGpu: boolean;
}

/**
 * Loads an addon in a process of its own and computes with it.
 * @throws InputError where it does not load, or gives wrong values.
 */
export async function checkAddon(
  { folder }: TfjsNode,
  addon: string,
  tensorFlow: TensorFlow,
  signal?: AbortSignal,
): Promise<Checked> {
  const script = fileURLToPath(new URL("../scripts/check-addon.cjs", import.meta.url));
  const { status, stdout, stderr, trouble } = await runCommand(
    process.execPath,
    [script, folder, addon],
    { signal, environment: { TF_CPP_MIN_LOG_LEVEL: "2" } },
  );
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1) as string);
  const said = stderr.split("\n").find((line) => /^\w*Error:|symbol lookup error:/.test(line));
  throw new InputError(
    `Expected the addon to load and to compute but it did not (${trouble ?? said ?? `exit code ${status}`}); ` +
      `it is tried with TensorFlow ${triedWith}, found is ${tensorFlow.version} in ${tensorFlow.folder}`,
  );
}
