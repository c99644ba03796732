// Publishes the tarballs that `npm run release:pack` has made, those with native binaries first, so that
// kernels-cuda is never there without them; then tags the versions (changeset tag). What the registry
// has already is left out, so that a publication that was cut off can be repeated.
//
//   npm run release -- [--from FOLDER] [--dry-run]
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageName, platforms } from "./release/platforms.mjs";
import { manifestOf } from "./release/tarballs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: words } = parseArgs({
  options: {
    from: { type: "string", default: join(root, ".ferret", "release") },
    "dry-run": { type: "boolean", default: false },
  },
});
const folder = resolve(words.from);
const binaryPackages = new Set(platforms.map(packageName));

const manifests = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((file) => file.endsWith(".tgz"))
  .map((file) => ({ tarball: join(folder, file), ...manifestOf(join(folder, file)) }));
const kernels = manifests.find(({ name }) => name === "@ferret-ocl/kernels-cuda");
const wanted = Object.keys(kernels?.optionalDependencies ?? {});
if (wanted.length === 0) {
  console.error(
    `Expected the tarballs of a release in ${folder} but found none with native binaries: run npm run release:pack`,
  );
  process.exit(1);
}
const isFirst = ({ name }) => (binaryPackages.has(name) ? 0 : 1);
for (const { name, version, tarball } of manifests.sort((a, b) => isFirst(a) - isFirst(b))) {
  if (isPublished(name, version)) {
    console.log(`${name} ${version} is published already.`);
    continue;
  }
  const flags = ["--access", "public", ...(words["dry-run"] ? ["--dry-run"] : [])];
  const { status } = spawnSync("npm", ["publish", tarball, ...flags], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
if (!words["dry-run"])
  process.exitCode = spawnSync(join(root, "node_modules", ".bin", "changeset"), ["tag"], {
    cwd: root,
    stdio: "inherit",
  }).status;

function isPublished(name, version) {
  const { stdout } = spawnSync("npm", ["view", `${name}@${version}`, "version"], {
    encoding: "utf8",
  });
  return stdout.trim() === version;
}
