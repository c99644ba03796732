import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Compiler } from "./compile.js";
import { libraries, type TensorFlow } from "./tensorflow.js";
import type { TfjsNode } from "./tfjs-node.js";

/** What an addon was built from, kept beside it; a build of the same is not repeated. */
export interface Stamp {
  readonly tfjsNode: string;
  readonly tensorFlow: string;
  readonly folder: string;
  /** Size and time of each library: another wheel of the same version is another one. */
  readonly libraries: readonly string[];
  readonly compiler: string;
  /** SHA-256 of the addon. */
  readonly digest: string;
}

/** Where an addon's stamp is. */
export function stampPath({ addon }: TfjsNode): string {
  return join(dirname(addon), "ferret-build.json");
}

/** The stamp of an addon that is now built from these. */
export function stampOf(
  { version }: TfjsNode,
  tensorFlow: TensorFlow,
  compiler: Compiler,
  addon: string,
): Stamp {
  return {
    tfjsNode: version,
    tensorFlow: tensorFlow.version,
    folder: tensorFlow.folder,
    libraries: libraries.map((name) => {
      const { size, mtimeMs } = statSync(join(tensorFlow.folder, name));
      return `${name} ${size} ${Math.round(mtimeMs)}`;
    }),
    compiler: compiler.version,
    digest: createHash("sha256").update(readFileSync(addon)).digest("hex"),
  };
}

/** What stands where the addon goes: nothing, ours of the stamp given, ours of another, or another's. */
export function whatIsThere(
  tfjsNode: TfjsNode,
  wanted: (addon: string) => Stamp,
): "nothing" | "this" | "ours" | "foreign" {
  let now: Stamp;
  try {
    now = wanted(tfjsNode.addon);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "nothing";
    throw error;
  }
  let kept: Stamp;
  try {
    kept = JSON.parse(readFileSync(stampPath(tfjsNode), "utf8"));
  } catch {
    return "foreign";
  }
  if (kept?.digest !== now.digest) return "foreign";
  return JSON.stringify(kept) === JSON.stringify(now) ? "this" : "ours";
}
