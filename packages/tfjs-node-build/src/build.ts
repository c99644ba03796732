import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkAddon } from "./check-addon.js";
import { compile, findCompiler } from "./compile.js";
import { InputError } from "./errors.js";
import { stampOf, stampPath, whatIsThere } from "./stamp.js";
import { findTensorFlow, type TensorFlow, triedWith } from "./tensorflow.js";
import { findTfjsNode, packages, type Target, type TfjsNode } from "./tfjs-node.js";

/** What is built, and how. */
export interface BuildOptions {
  /** `node` (default) for `@tensorflow/tfjs-node`, `node-gpu` for `@tensorflow/tfjs-node-gpu`. */
  readonly target?: Target;
  /** A folder of the project that has tfjs-node; default: the working folder. */
  readonly project?: string;
  /** An interpreter whose TensorFlow is taken; default: FERRET_PYTHON, then `python3`, `python`. */
  readonly python?: string | undefined;
  /** Builds again what is built, and replaces an addon that this package did not build. */
  readonly force?: boolean;
  /** Ends the build; nothing is left half written, and the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
  /** Gets a line for every step. */
  readonly onProgress?: (line: string) => void;
}

/** What came of a build. */
export interface BuildReport {
  /** Whether it was built now; false where the same was there. */
  readonly isNew: boolean;
  /** The addon, where tfjs-node looks for it. */
  readonly addon: string;
  readonly tensorFlow: TensorFlow;
  /** Name and version of the package, such as `@tensorflow/tfjs-node 4.22.0`. */
  readonly tfjsNode: string;
  /** Whether TensorFlow found a GPU; null where nothing was built now. */
  readonly usesGpu: boolean | null;
  /** What people should know, one sentence each. */
  readonly notices: readonly string[];
}

/**
 * Builds the addon of tfjs-node against an installed TensorFlow, loads it in a process of its own,
 * and puts it where tfjs-node looks for it. An addon takes its place whole, or not at all.
 * @throws InputError with the remedy where something that it needs is missing.
 */
export async function buildTfjsNode(options: BuildOptions = {}): Promise<BuildReport> {
  const { target = "node", project = process.cwd(), python, signal, force = false } = options;
  const onProgress = options.onProgress ?? (() => {});
  if (!Object.hasOwn(packages, target))
    throw new InputError(
      `Expected ${Object.keys(packages).join(" or ")} for target but received ${JSON.stringify(target)}`,
    );
  if (process.platform !== "linux")
    throw new InputError(
      `Expected Linux but this is ${process.platform}, where it is not tried; npm rebuild ` +
        `${packages[target]} downloads an addon that its makers built`,
    );
  const tfjsNode = findTfjsNode(project, target);
  const wheel = target === "node" ? "tensorflow-cpu" : "tensorflow[and-cuda]";
  const tensorFlow = await findTensorFlow(python, wheel, signal);
  if (target === "node-gpu" && !tensorFlow.hasCuda)
    throw new InputError(
      `Expected TensorFlow with CUDA for node-gpu but ${tensorFlow.version} in ${tensorFlow.folder} is ` +
        `built without; run ${tensorFlow.python} -m pip install "${wheel}", or build for node`,
    );
  const compiler = await findCompiler(signal);
  const wanted = (addon: string) => stampOf(tfjsNode, tensorFlow, compiler, addon);
  const there = whatIsThere(tfjsNode, wanted);
  const report = {
    addon: tfjsNode.addon,
    tensorFlow,
    tfjsNode: `${tfjsNode.name} ${tfjsNode.version}`,
  };
  if (there === "this" && !force) return { ...report, isNew: false, usesGpu: null, notices: [] };
  if (there === "foreign" && !force)
    throw new InputError(
      `Expected no addon of another's making but found ${tfjsNode.addon}; pass --force to replace it`,
    );
  onProgress(`TensorFlow ${tensorFlow.version} in ${tensorFlow.folder}`);
  onProgress(`${compiler.command}: ${compiler.version}`);
  const workplace = makeWorkplace(tfjsNode);
  try {
    const built = await compile(tfjsNode, tensorFlow, compiler, workplace, { signal, onProgress });
    onProgress("loading it in another process");
    const { usesGpu } = await checkAddon(tfjsNode, built, tensorFlow, signal);
    signal?.throwIfAborted();
    putInPlace(tfjsNode, built, wanted(built), workplace);
    return { ...report, isNew: true, usesGpu, notices: noticesOf(target, tensorFlow, usesGpu) };
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

/** On the same file system as the addon's place, so that it can be moved there in one step. */
function makeWorkplace({ folder }: TfjsNode): string {
  try {
    return mkdtempSync(join(folder, ".ferret-build-"));
  } catch (error) {
    throw new InputError(
      `Expected to write in ${folder} but cannot (${(error as Error).message}); run it as the user ` +
        "who installed that package",
    );
  }
}

/** The stamp goes first and comes last: an addon never stands beside the stamp of another one. */
function putInPlace(tfjsNode: TfjsNode, built: string, stamp: object, workplace: string): void {
  const written = join(workplace, "stamp.json");
  writeFileSync(written, `${JSON.stringify(stamp, null, 2)}\n`);
  mkdirSync(dirname(tfjsNode.addon), { recursive: true });
  rmSync(stampPath(tfjsNode), { force: true });
  renameSync(built, tfjsNode.addon);
  renameSync(written, stampPath(tfjsNode));
}

function noticesOf(target: Target, { version }: TensorFlow, usesGpu: boolean): string[] {
  const notices: string[] = [];
  if (!version.startsWith(`${triedWith}.`))
    notices.push(`this is tried with TensorFlow ${triedWith}; ${version} loads and computes right`);
  if (target === "node-gpu" && !usesGpu)
    notices.push("TensorFlow found no GPU that it can use, so it computes on the processor");
  return notices;
}
