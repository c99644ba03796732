// The package of this platform beside that of kernels-cuda, as npm installs them: without a compiler,
// CMake or a build, the kernels must be native.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../shared/printed.mjs";
import { hasBinaries, writePlatformPackage } from "./platform-package.mjs";
import { packageName, platformHere } from "./platforms.mjs";
import { packFolder } from "./tarballs.mjs";

/**
 * @param {string} root the repository
 * @param {Map<string, string>} tarballs by name, without scope
 * @param {string} workplace a folder to work in
 * @returns {string[]} what is wrong, in sentences
 */
export function checkPlatformPackage(root, tarballs, workplace) {
  const platform = platformHere();
  const binaries = join(root, "packages", "kernels-cuda", "build", "Portable");
  if (platform === null || !hasBinaries(binaries)) {
    const command = "npm run build:native -w @ferret-ocl/kernels-cuda -- --portable";
    console.log(
      `Skipped: a package of native binaries, as none were built (${platform ? command : "no package for this platform"})`,
    );
    return [];
  }
  mkdirSync(workplace, { recursive: true });
  const folder = writePlatformPackage(platform, {
    root,
    binaries,
    folder: join(workplace, "package"),
  });
  const packages = new Map([
    ["@ferret-ocl/kernels-cuda", tarballs.get("kernels-cuda")],
    ["@ferret-ocl/compensation", tarballs.get("compensation")],
    [packageName(platform), packFolder(folder, workplace)],
  ]);
  for (const [name, tarball] of packages) {
    const place = join(workplace, "node_modules", ...name.split("/"));
    mkdirSync(place, { recursive: true });
    run("tar", ["-xzf", tarball, "--strip-components=1", "-C", place], workplace);
  }
  const kernels = report(workplace, {});
  const sets = JSON.parse(
    runNode(
      workplace,
      `console.log(JSON.stringify(require(process.cwd() + "/node_modules/${packageName(platform)}/kernels_isa.node").supported))`,
      {},
    ).stdout,
  );
  const complaints = [];
  const expect = (title, found, wanted) => {
    if (found !== wanted)
      complaints.push(`Expected ${title} to say\n${wanted}\nbut it said\n${found}`);
  };
  expect("packed native kernels", kernels, `cpu ${sets[0]} programs`);
  for (const set of sets)
    expect(`FERRET_ISA=${set}`, report(workplace, { FERRET_ISA: set }), `cpu ${set} programs`);
  const unknown = report(workplace, { FERRET_ISA: "mmx" });
  if (!unknown.includes("for FERRET_ISA but received mmx"))
    complaints.push(`Expected FERRET_ISA=mmx to be refused by name but: ${unknown}`);
  rmSync(join(workplace, "node_modules", ...packageName(platform).split("/")), { recursive: true });
  const without = report(workplace, {});
  if (
    !/^reference null none\n/.test(without) ||
    !without.includes(`install ${packageName(platform)}`)
  )
    complaints.push(`Expected a remedy that names ${packageName(platform)} but: ${without}`);
  return complaints;
}

/** What loadKernels says in a folder: on a path that holds Node alone. */
function report(folder, environment) {
  const { stdout, stderr } = runNode(
    folder,
    `const { report, programs } = require("@ferret-ocl/kernels-cuda").loadKernels();
     console.log(report.chosen, report.instructionSet, programs ? "programs" : "none");
     for (const { candidate, remedy } of report.rejected) if (candidate === "cpu") console.log(remedy);`,
    environment,
  );
  return `${stdout}${stderr}`.trim();
}

function runNode(folder, code, environment) {
  const tools = join(folder, "tools");
  rmSync(tools, { recursive: true, force: true });
  mkdirSync(tools);
  symlinkSync(process.execPath, join(tools, "node"));
  const script = join(folder, "script.cjs");
  writeFileSync(script, code);
  return spawnSync(join(tools, "node"), [script], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: tools, ...environment },
  });
}
