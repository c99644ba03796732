import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { InputError } from "./errors.js";

/** The runtimes that an addon is built for, by their names in Ferret, and their packages. */
export const packages = {
  node: "@tensorflow/tfjs-node",
  "node-gpu": "@tensorflow/tfjs-node-gpu",
} as const;

/** A runtime that an addon is built for. */
export type Target = keyof typeof packages;

/** An installed tfjs-node or tfjs-node-gpu. */
export interface TfjsNode {
  readonly target: Target;
  readonly name: (typeof packages)[Target];
  readonly version: string;
  readonly folder: string;
  /** Where it looks for its addon. */
  readonly addon: string;
  /** The version of Node-API that it asks for. */
  readonly nodeApi: number;
}

/** The version whose sources were built and tried. */
const known = "4.22.0";

/**
 * Finds tfjs-node as a module of the project would.
 * @param project a folder of the project.
 * @throws InputError where it is not installed, or not of a version that fits.
 */
export function findTfjsNode(project: string, target: Target): TfjsNode {
  const name = packages[target];
  const install = `npm install --ignore-scripts ${name}@${known}`;
  if (!statSync(project, { throwIfNoEntry: false })?.isDirectory())
    throw new InputError(
      `Expected the folder of a project but ${resolve(project)} is none; name another one with --project`,
    );
  const folder = packageFolder(project, name);
  if (folder === null)
    throw new InputError(
      `Expected ${name} in the project ${resolve(project)} but it is not installed; run ${install} ` +
        "there, or name another folder with --project",
    );
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  if (major !== 4 || minor < 22)
    throw new InputError(
      `Expected ${name} 4.22 or a later 4 but received ${version} in ${folder}; run ${install}`,
    );
  return { target, name, version, folder, ...placeOfAddon(folder, install) };
}

function packageFolder(project: string, name: string): string | null {
  for (let place = resolve(project); ; place = dirname(place)) {
    const folder = join(place, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
    if (dirname(place) === place) return null;
  }
}

/** Asks what tfjs-node itself asks, so that both mean the same file. */
function placeOfAddon(folder: string, install: string): Pick<TfjsNode, "addon" | "nodeApi"> {
  const manifest = join(folder, "package.json");
  let addon: string;
  try {
    addon = createRequire(manifest)("@mapbox/node-pre-gyp").find(manifest);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw new InputError(
      `Expected ${folder} to say where its addon goes but it cannot (${reason}); ` +
        `install it anew with ${install}`,
    );
  }
  const nodeApi = Number(/napi-v(\d+)/.exec(addon)?.[1]);
  return { addon, nodeApi: Number.isNaN(nodeApi) ? 8 : nodeApi };
}
