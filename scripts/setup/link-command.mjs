// `npx ferret` in a clone. npm links a command when it installs, where the command's file is there by
// then; an installation that is older than that file has no link.
import { existsSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** @param {string} root the repository */
export function linkCommand(root) {
  const link = join(root, "node_modules", ".bin", "ferret");
  if (existsSync(link)) return;
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync(join("..", "@ferret-ocl", "benchmarks", "bin", "ferret.js"), link);
}
