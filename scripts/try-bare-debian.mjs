// A release on a machine that has Node and npm and nothing else: makes a bare Debian 13 with
// debootstrap, without a compiler, installs the command as a user without rights, in a project and for
// the whole account, runs `ferret demo` and says what ran and how long it took. Our packages are the
// tarballs of `npm run release:pack`, from a registry that has no others. Needs root, debootstrap and a
// Debian mirror; from npm's own registry come the packages of others.
//
//   sudo node scripts/try-bare-debian.mjs [--from FOLDER] [--root FOLDER] [--suite trixie]
//     [--mirror URL]
//
// --root keeps the system in a folder and takes it from there the next time.
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serveTarballs } from "./release/registry.mjs";

const repository = fileURLToPath(new URL("..", import.meta.url));
const { values: words } = parseArgs({
  options: {
    from: { type: "string", default: join(repository, ".ferret", "release") },
    root: { type: "string" },
    suite: { type: "string", default: "trixie" },
    mirror: { type: "string", default: "http://deb.debian.org/debian" },
  },
});
/** What keeps the trial from success, in a sentence. */
class Refusal extends Error {}

const user = "visitor";
const mostSeconds = 60;

const tarballs = existsSync(words.from)
  ? readdirSync(words.from).filter((name) => name.endsWith(".tgz"))
  : [];
const root = words.root ? resolve(words.root) : mkdtempSync(join(tmpdir(), "ferret-debian-"));
const home = join("/home", user);
try {
  if (tarballs.length === 0)
    refuse(`Expected tarballs in ${words.from} but found none: run npm run release:pack`);
  if (process.getuid?.() !== 0) refuse("Expected root, which makes the system, but this is a user");
  makeSystem();
  // Node asks the system for memory and processors.
  execFileSync("mount", ["-t", "proc", "proc", join(root, "proc")]);
  const registry = await serveTarballs(words.from);
  try {
    tryRelease(registry.settings);
  } finally {
    registry.close();
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  const { status } = spawnSync("umount", [join(root, "proc")]);
  // What is still mounted is the kernel's, and not to be removed.
  const isMounted = status !== 0 && existsSync(join(root, "proc", "self"));
  if (words.root === undefined && !isMounted) rmSync(root, { recursive: true, force: true });
}

function makeSystem() {
  if (!existsSync(join(root, "usr", "bin", "npm"))) {
    console.log(`Making a bare Debian (${words.suite}) in ${root} ...`);
    const made = spawnSync(
      "debootstrap",
      ["--variant=minbase", "--include=ca-certificates", words.suite, root, words.mirror],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    if (made.status !== 0) refuse(`debootstrap ended with ${made.error?.message ?? made.status}`);
    copyFileSync("/etc/resolv.conf", join(root, "etc", "resolv.conf"));
    const apt = "DEBIAN_FRONTEND=noninteractive apt-get -qq";
    inside("root", `${apt} update && ${apt} install --no-install-recommends -y nodejs npm 2>&1`);
  }
  if (!existsSync(join(root, home))) inside("root", `useradd --create-home ${user}`);
  const tools = "g++ c++ gcc clang++ cmake make";
  const found = inside(user, `command -v ${tools} || true`).trim();
  if (found !== "") refuse(`Expected a system without a compiler but it has ${found}`);
}

function tryRelease(ours) {
  const folder = join(root, home, "project");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // The registry, and whom to trust, as npm has them here.
  const global = join(home, "global");
  const settings = [...ours, `prefix=${global}`, `registry=${npmSetting("registry")}`];
  const authorities = npmSetting("cafile");
  if (authorities !== null) {
    copyFileSync(authorities, join(root, home, "authorities.pem"));
    settings.push(`cafile=${join(home, "authorities.pem")}`);
  }
  writeFileSync(join(root, home, ".npmrc"), `${settings.join("\n")}\n`);
  inside("root", `chown -R ${user}:${user} ${home}`);

  const shown = inside(user, ". /etc/os-release; echo $PRETTY_NAME, Node $(node --version)");
  console.log(shown.trim());
  const install = "npm install --no-audit --no-fund @ferret-ocl/benchmarks";
  timed(install, install);
  const { output, seconds } = timed("ferret demo", "npx --no-install ferret demo 2>&1");
  console.log(output.trimEnd());
  if (!/native programs on oneDNN/.test(output))
    refuse(`Expected native programs but this names another runtime:\n${output}`);
  rmSync(join(root, global), { recursive: true, force: true });
  timed(`${install} -g`, `${install} -g`);
  const line = `${join(global, "bin", "ferret")} run --dataset glyphs --model mlp --items 20 --runtime native 2>&1`;
  const run = timed("ferret run, as installed by -g", line);
  console.log(run.output.trimEnd());
  if (seconds > mostSeconds)
    refuse(
      `Expected the demo within ${mostSeconds} s but it took ${seconds.toFixed(1)} s: is the machine quiet?`,
    );
  console.log(`Natively, as a user without rights and without a compiler: ${seconds.toFixed(1)} s`);
}

/** Runs a line in the project's folder, and says how long it took. */
function timed(title, line) {
  const started = performance.now();
  const output = inside(user, `cd ${home}/project && ${line}`);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${title}: ${seconds.toFixed(1)} s`);
  return { output, seconds };
}

/** Runs a line of the shell in the system; gives what it printed. */
function inside(name, line) {
  const environment = [
    "-i",
    `HOME=${name === "root" ? "/root" : home}`,
    "PATH=/usr/sbin:/usr/bin:/bin",
  ];
  const { status, stdout, stderr } = spawnSync(
    "chroot",
    [`--userspec=${name}`, root, "/usr/bin/env", ...environment, "/bin/sh", "-c", line],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (status === 0) return stdout;
  return refuse(`Expected "${line}" to work in the bare system but: ${stderr}${stdout}`);
}

/** A setting of npm on this machine; null where it has none. */
function npmSetting(name) {
  const value = execFileSync("npm", ["config", "get", name], { encoding: "utf8" }).trim();
  return value === "" || value === "null" || value === "undefined" ? null : value;
}

function refuse(message) {
  throw new Refusal(message);
}
