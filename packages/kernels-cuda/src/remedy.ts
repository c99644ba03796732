// What to do where the kernels of the processor are missing: true of this machine, and complete.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What the build calls, any one of `commands`, and where Debian has it. */
const tools = [
  { commands: ["c++", "g++", "clang++"], debianPackage: "g++" },
  { commands: ["cmake"], debianPackage: "cmake" },
  { commands: ["make", "ninja"], debianPackage: "make" },
];

/** Where a machine can look things up. */
interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly has: (path: string) => boolean;
}

const here: Surroundings = { environment: process.env, has: existsSync };

/** Debian's names of what a build from source lacks here; oneDNN, for stage programs, is the last. */
export function missingPackages({ environment, has }: Surroundings = here): string[] {
  const folders = (list: string | undefined) => (list ?? "").split(delimiter).filter(Boolean);
  const paths = folders(environment.PATH);
  const finds = (command: string) => paths.some((folder) => has(join(folder, command)));
  const missing = tools.filter(
    ({ commands, debianPackage }) =>
      !commands.some(finds) && !(debianPackage === "g++" && environment.CXX),
  );
  const includes = ["/usr/include", "/usr/local/include", ...folders(environment.CPATH)];
  const hasOneDnn = includes.some((folder) => has(join(folder, "dnnl.hpp")));
  return [
    ...missing.map(({ debianPackage }) => debianPackage),
    ...(hasOneDnn ? [] : ["libdnnl-dev"]),
  ];
}

/**
 * How to build the kernels here, in words that follow "or" or stand alone.
 * @param folder of this package where npm installed it, wherever that is: beside other packages, inside
 * one or for all users; null in a clone of the repository
 */
export function buildRemedy(folder: string | null, surroundings: Surroundings = here): string {
  const missing = missingPackages(surroundings);
  const first =
    missing.length === 0
      ? ""
      : `install ${missing.join(" ")} (Debian's names of what is missing), and `;
  if (folder === null) return `${first}run npm run setup`;
  const place = /^[\w@%+=:,./-]+$/.test(folder) ? folder : `"${folder}"`;
  return `${first}run npm --prefix ${place} run build:native`;
}
