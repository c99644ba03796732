import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The processor's name, from its maker. */
export function machineName(): string {
  return cpus()[0]?.model.trim() ?? "unknown processor";
}

/** The machine that a measured profile names: times depend on how many cores share the memory. */
export function profiledMachine(): string {
  return `${machineName()} (${availableParallelism()} cores)`;
}

/** Where downloads and profiles are kept: FERRET_CACHE_DIR, else `~/.cache/ferret`. */
export function cacheFolder(): string {
  return process.env.FERRET_CACHE_DIR || join(homedir(), ".cache", "ferret");
}

/** The revision that this program was built from; null outside a git checkout. */
export function gitRevision(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: dirname(fileURLToPath(import.meta.url)),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    // No git or no checkout: an installed package has no revision.
    return null;
  }
}
