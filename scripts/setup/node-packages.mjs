// node_modules, kept in step with package-lock.json. The stamp is inside node_modules and is
// written last: `npm ci` empties that folder first, so an interrupted one leaves no stamp.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { step } from "./step.mjs";

const dependencyFields = [
  "name",
  "version",
  "workspaces",
  "bin",
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "overrides",
];

/**
 * Runs `npm ci` when node_modules is missing, unfinished or out of step with the lock file.
 * @param {string} root the repository
 * @param {{ verbose?: boolean }} options
 */
export async function installNodePackages(root, options) {
  const stamp = join(root, "node_modules", ".ferret-stamp");
  const wanted = lockHash(root);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  if (!installedAsLocked(root)) {
    const flags = ["ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=warn"];
    await step("Installing the npm packages (npm ci)", "npm", flags, options);
  }
  writeFileSync(stamp, wanted);
}

/** Hash of the lock file and of what the package.json files say about dependencies. */
function lockHash(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  hash.update(`node ${process.versions.modules} ${process.platform} ${process.arch}`);
  const folders = readdirSync(join(root, "packages")).sort();
  for (const folder of [".", ...folders.map((name) => join("packages", name))]) {
    const path = join(root, folder, "package.json");
    if (!existsSync(path)) continue;
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    hash.update(JSON.stringify(dependencyFields.map((field) => manifest[field] ?? null)));
  }
  return hash.digest("hex");
}

/**
 * Whether a finished `npm install` has already put in place what the lock file says. npm writes
 * node_modules/.package-lock.json at the very end of an installation.
 */
function installedAsLocked(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const locked = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(record);
  return Object.entries(locked).every(([path, entry]) => {
    if (!path.startsWith("node_modules/") || entry.optional || entry.peer) return true;
    const present = installed[path];
    return present?.version === entry.version && present?.integrity === entry.integrity;
  });
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
}
