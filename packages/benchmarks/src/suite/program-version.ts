import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Packages whose code decides what a run gives, besides this one's worker. */
const packages = ["compensation", "kernels-cuda", "ocl-algorithms", "pipeline", "planner"];

/**
 * What tells this program from any that might give other results: a digest of the code that a run executes, built
 * JavaScript and native, so that a change of a page or of a text makes no run again.
 * @param worker the file of the worker that runs are made in.
 */
export function programVersion(worker: string): string {
  const digest = createHash("sha256");
  const files = [worker, ...packages.flatMap((name) => filesOf(`@ferret-ocl/${name}`))];
  for (const file of files) digest.update(createHash("sha256").update(readFileSync(file)).digest());
  return digest.digest("hex").slice(0, 16);
}

/** JavaScript and addon of an installed package, in order of their names. */
function filesOf(name: string): string[] {
  const dist = dirname(fileURLToPath(import.meta.resolve(name)));
  const native = join(dist, "..", "build", "Release");
  return [...filesIn(dist, /\.[cm]?js$/), ...filesIn(native, /\.node$/)];
}

function filesIn(folder: string, pattern: RegExp): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return entries
    .filter((entry) => pattern.test(entry))
    .sort()
    .map((entry) => join(folder, entry));
}
