// Debian packages the native build misses, installed with apt-get where that is allowed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { step } from "./step.mjs";

const packageLists = "/var/lib/apt/lists";
const aptOptions = [
  "-o",
  "Acquire::Retries=1",
  "-o",
  "Acquire::http::Timeout=20",
  "-o",
  "DPkg::Lock::Timeout=120",
];

/** How to run apt-get here, or why not. @returns {{ prefix: string[] } | { reason: string }} */
export function aptAccess() {
  if (process.env.FERRET_SKIP_APT === "1") return { reason: "FERRET_SKIP_APT=1 forbids apt-get" };
  if (spawnSync("apt-get", ["--version"]).status !== 0) return { reason: "there is no apt-get" };
  if (process.getuid?.() === 0) return { prefix: [] };
  if (spawnSync("sudo", ["-n", "true"]).status === 0) return { prefix: ["sudo", "-n"] };
  return { reason: "neither root nor sudo without a password" };
}

/**
 * Installs those of the packages that are available; if the distribution does not know one, the
 * others are still installed.
 * @param {string[]} packages
 * @param {{ prefix: string[] }} access from {@link aptAccess}
 * @param {{ verbose?: boolean }} options
 * @throws {import("./step.mjs").StepError} when apt-get fails
 */
export async function installSystemPackages(packages, access, options) {
  const apt = (title, ...words) => {
    const [command, ...rest] = [
      ...access.prefix,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...aptOptions,
      ...words,
    ];
    return step(title, command, rest, options);
  };
  const install = () => {
    const known = packages.filter((name) => spawnSync("apt-cache", ["show", name]).status === 0);
    if (known.length === 0) return undefined;
    const title = `Installing ${known.join(", ")} (apt-get)`;
    return apt(title, "install", "-y", "--no-install-recommends", ...known);
  };
  const update = () => apt("Reading the lists of Debian packages (apt-get update)", "update");

  if (!listsPresent()) {
    await update();
    await install();
    return;
  }
  try {
    await install();
  } catch {
    // The lists may be older than what the mirror still holds.
    await update();
    await install();
  }
}

function listsPresent() {
  return (
    existsSync(packageLists) && readdirSync(packageLists).some((name) => name.includes("_Packages"))
  );
}
