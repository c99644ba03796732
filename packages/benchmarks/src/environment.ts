import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The processor, as its maker calls it. */
export function machineName(): string {
  return cpus()[0]?.model.trim() ?? "unknown processor";
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
    // No git or no checkout: an installed package has no revision to tell.
    return null;
  }
}
