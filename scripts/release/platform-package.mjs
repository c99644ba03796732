// The package of one platform: binaries and what npm and their licences ask for. It is made here and
// is no workspace: a lock file could not name a package that is not on the registry yet.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { packageName } from "./platforms.mjs";

/**
 * Writes the package's folder.
 * @param {import("./platforms.mjs").Platform} platform
 * @param {{ root: string, binaries: string, oneDnn?: string, folder: string }} places the repository,
 * where the binaries are, where oneDNN was installed if it is linked in, and the folder to write
 * @returns {string} the folder
 */
export function writePlatformPackage(platform, { root, binaries, oneDnn, folder }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const main = JSON.parse(
    readFileSync(join(root, "packages", "kernels-cuda", "package.json"), "utf8"),
  );
  const { version, license, engines, repository } = main;
  const { name, os, cpu, libc } = platform;
  const manifest = {
    name: packageName(platform),
    version,
    description: `Native kernels of @ferret-ocl/kernels-cuda for ${name}`,
    license,
    ...(repository && { repository: { ...repository, directory: "packages/kernels-cuda" } }),
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    preferUnplugged: true,
    exports: { "./package.json": "./package.json" },
    files: ["*.node", "LICENSE", "LICENSE-oneDNN", "THIRD-PARTY-PROGRAMS-oneDNN"],
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const names = readdirSync(binaries).filter((file) => /^kernels_(isa|cpu-\w+)\.node$/.test(file));
  for (const file of names) copyFileSync(join(binaries, file), join(folder, file));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  if (oneDnn !== undefined)
    for (const file of ["LICENSE", "THIRD-PARTY-PROGRAMS"])
      copyFileSync(join(oneDnn, "share", "onednn", file), join(folder, `${file}-oneDNN`));
  writeFileSync(join(folder, "README.md"), readmeOf(platform, names, oneDnn !== undefined));
  return folder;
}

function readmeOf({ name, tried }, files, isLinked) {
  const sets = files.flatMap((file) => /^kernels_cpu-(\w+)\.node$/.exec(file)?.[1] ?? []);
  const untried = tried
    ? ""
    : "\nIt was built by the release script and has not been tried on such a machine.\n";
  return `# ${packageName({ name })}

Binaries of [@ferret-ocl/kernels-cuda](https://www.npmjs.com/package/@ferret-ocl/kernels-cuda) for
${name}, which installs this package by itself. One file for each instruction set (${sets.join(", ")});
the best one that the processor has is loaded, or the one that \`FERRET_ISA\` names.
${isLinked ? "oneDNN is linked in; its licence is in this package.\n" : ""}${untried}`;
}

/** Whether there are binaries to package. @param {string} binaries */
export const hasBinaries = (binaries) => existsSync(join(binaries, "kernels_isa.node"));
