// The tarballs of a release.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../shared/printed.mjs";
import { packageName, platforms } from "./platforms.mjs";

/** Name of the tarball that npm makes of a package. */
const tarballOf = (name, version) => `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;

/** Packs one folder; gives the tarball's path. */
export function packFolder(folder, destination) {
  const packed = run("npm", ["pack", "--json", "--pack-destination", destination], folder);
  return join(destination, JSON.parse(packed)[0].filename);
}

/** Packs the packages of the repository; gives the tarballs by name. */
export function packWorkspaces(root, destination) {
  const packed = run(
    "npm",
    ["pack", "--json", "--pack-destination", destination, "--workspaces"],
    root,
  );
  return new Map(
    JSON.parse(packed).map(({ name, filename }) => [name, join(destination, filename)]),
  );
}

/** Which platforms' tarballs of this version a folder holds. */
export function packedPlatforms(folder, version) {
  const there = new Set(readdirSync(folder));
  return platforms.filter((platform) => there.has(tarballOf(packageName(platform), version)));
}

/**
 * Packs a tarball again with platform packages as optional dependencies. In the repository's
 * package.json they are not: `npm ci` must work before they are on the registry.
 * @param {string} tarball of kernels-cuda; it is replaced
 * @param {import("./platforms.mjs").Platform[]} present
 */
export function addOptionalDependencies(tarball, destination, present) {
  const folder = mkdtempSync(join(tmpdir(), "ferret-repack-"));
  try {
    run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder], folder);
    const path = join(folder, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    manifest.optionalDependencies = Object.fromEntries(
      present.map((platform) => [packageName(platform), manifest.version]),
    );
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
    return packFolder(folder, destination);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package.json in a tarball. @param {string} tarball */
export function manifestOf(tarball) {
  return JSON.parse(run("tar", ["-xzOf", tarball, "package/package.json"], "."));
}
