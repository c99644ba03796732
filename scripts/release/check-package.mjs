// The package of this platform beside that of kernels-cuda, in a folder of their own: without a
// compiler, CMake or a build, the kernels must be native.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../shared/printed.mjs";
import { packageName } from "./platforms.mjs";

/**
 * @param {import("./platforms.mjs").Platform} platform of this machine
 * @param {Map<string, string>} tarballs by name, of kernels-cuda, compensation and the platform
 * @param {string} folder to work in
 * @param {{ settings: string[] | null }} options an npmrc that names a registry of the tarballs, from which
 * npm installs kernels-cuda and what that brings along, the tools of the native build too; without one
 * the tarballs are unpacked, without those tools
 * @returns {string[]} what is wrong, in sentences
 */
export function checkPlatformPackage(platform, tarballs, folder, { settings }) {
  const name = packageName(platform);
  const names = ["@ferret-ocl/kernels-cuda", "@ferret-ocl/compensation", name];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  makePath(folder);
  if (settings !== null) {
    writeFileSync(join(folder, ".npmrc"), `${settings.join("\n")}\n`);
    const words = ["install", "--no-audit", "--no-fund", names[0]];
    const { status, stderr } = runNode(folder, [npmScript(), ...words], { ...process.env });
    if (status !== 0)
      return [`Expected npm to install ${names[0]} without a compiler but: ${stderr}`];
    if (!existsSync(join(folder, "node_modules", ...name.split("/"))))
      return [`Expected npm to bring ${name} along with ${names[0]} but it is not there`];
  } else
    for (const each of names) {
      const place = join(folder, "node_modules", ...each.split("/"));
      mkdirSync(place, { recursive: true });
      run("tar", ["-xzf", tarballs.get(each), "--strip-components=1", "-C", place], folder);
    }
  return complaintsAboutKernels(name, folder);
}

function complaintsAboutKernels(name, folder) {
  const probe = join(folder, "node_modules", ...name.split("/"), "kernels_isa.node");
  const code = `console.log(JSON.stringify(require(${JSON.stringify(probe)}).supported))`;
  const { stdout, stderr } = runNode(folder, ["-e", code], {});
  const sets = stdout === "" ? [] : JSON.parse(stdout);
  if (sets.length === 0) return [`Expected ${probe} to name instruction sets but: ${stderr}`];
  const complaints = [];
  const expect = (title, found, wanted) => {
    if (found !== wanted)
      complaints.push(`Expected ${title} to say\n${wanted}\nbut it said\n${found}`);
  };
  expect("packed native kernels", report(folder, {}), `cpu ${sets[0]} programs`);
  for (const set of sets)
    expect(`FERRET_ISA=${set}`, report(folder, { FERRET_ISA: set }), `cpu ${set} programs`);
  const unknown = report(folder, { FERRET_ISA: "mmx" });
  if (!unknown.includes("for FERRET_ISA but received mmx"))
    complaints.push(`Expected FERRET_ISA=mmx to be refused by name but: ${unknown}`);
  rmSync(join(folder, "node_modules", ...name.split("/")), { recursive: true });
  const without = report(folder, {});
  if (!/^reference null none\n/.test(without) || !without.includes(`install ${name}`))
    complaints.push(`Expected a remedy that names ${name} but: ${without}`);
  return complaints;
}

/** What loadKernels says in a folder. */
function report(folder, environment) {
  const code = `const { report, programs } = require("@ferret-ocl/kernels-cuda").loadKernels();
     console.log(report.chosen, report.instructionSet, programs ? "programs" : "none");
     for (const { candidate, remedy } of report.rejected) if (candidate === "cpu") console.log(remedy);`;
  const script = join(folder, "report.cjs");
  writeFileSync(script, code);
  const { stdout, stderr } = runNode(folder, [script], environment);
  return `${stdout}${stderr}`.trim();
}

/** A path that holds Node alone. */
const pathOf = (folder) => join(folder, "tools");

function makePath(folder) {
  mkdirSync(pathOf(folder));
  symlinkSync(process.execPath, join(pathOf(folder), "node"));
}

function runNode(folder, words, environment) {
  return spawnSync(join(pathOf(folder), "node"), words, {
    cwd: folder,
    encoding: "utf8",
    env: { ...environment, PATH: pathOf(folder) },
  });
}

/** npm's own script, which Node can run without a path. */
function npmScript() {
  const { npm_execpath: running } = process.env;
  if (running?.endsWith(".js")) return running;
  return join(run("npm", ["root", "-g"], ".").trim(), "npm", "bin", "npm-cli.js");
}
