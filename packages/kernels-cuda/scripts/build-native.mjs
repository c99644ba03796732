// Builds the addons with cmake-js into build/Release: kernels_cpu.node; kernels_isa.node, and
// kernels_host.node and device_selftest, the device's kernels on the processor, for tests; and where nvcc is found
// kernels_cuda.node, whose failure stops nothing. Downloads nothing: the headers come from
// node-api-headers and node-addon-api. Finished files are moved into place last, so that a build
// that fails or is cut off leaves the earlier ones, or none.
//
// With --sanitize the two addons of the processor under AddressSanitizer, into build/Sanitized, for
// the fuzzer.
//
// With --portable what the platform package holds, into build/Portable: kernels_cpu-NAME.node for
// each instruction set of this architecture and kernels_isa.node, which says what a machine has. By
// themselves they use the oneDNN of this system; --onednn FOLDER links in the one that was installed
// there (native/onednn, see scripts/release/ in the repository).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const words = parseArgs({
  options: {
    sanitize: { type: "boolean", default: false },
    portable: { type: "boolean", default: false },
    onednn: { type: "string" },
  },
}).values;
const kinds = {
  here: {
    folder: "Release",
    suffix: "",
    products: ["kernels_cpu.node", "kernels_isa.node", "kernels_host.node", "device_selftest"],
    settings: [],
  },
  sanitize: {
    folder: "Sanitized",
    suffix: "-sanitized",
    products: ["kernels_cpu.node", "kernels_host.node"],
    settings: ["--CDFERRET_SANITIZE=ON", "--CDFERRET_CUDA=OFF"],
  },
  portable: {
    folder: "Portable",
    suffix: "-portable",
    // The instruction sets, and what the compiler is told for them, are CMake's to say.
    products: ["kernels_isa.node"],
    settings: ["--CDFERRET_PORTABLE=ON"],
  },
};
if (words.onednn !== undefined && !words.portable) {
  console.error("Expected --onednn together with --portable, whose binaries it is linked into");
  process.exit(2);
}
if (words.onednn !== undefined)
  kinds.portable.settings.push(`--CDFERRET_ONEDNN=${resolve(words.onednn)}`);
const kind = kinds[words.portable ? "portable" : words.sanitize ? "sanitize" : "here"];
const { products } = kind;
const release = join(root, "build", kind.folder);
const cudaProduct = "kernels_cuda.node";
const stamp = join(root, "build", `stamp${kind.suffix}`);
const require = createRequire(import.meta.url);

/** Hash of all that the binary depends on, including the tool chain if the caller names it. */
function fingerprint() {
  const hash = createHash("sha256");
  const add = (path) => hash.update(path.slice(root.length)).update(readFileSync(path));
  for (const name of readdirSync(join(root, "native"), { recursive: true }).sort())
    if (/\.(cc|h|cu|cuh|cmake|map|txt)$/.test(name)) add(join(root, "native", name));
  for (const name of ["CMakeLists.txt", "package.json"]) add(join(root, name));
  return hash
    .update(process.env.FERRET_NATIVE_TOOLS ?? "")
    .update(process.versions.modules)
    .update(kind.settings.join(" "))
    .digest("hex");
}

const wanted = fingerprint();
const isBuilt = (name) => existsSync(join(release, name));
const isUpToDate =
  products.every(isBuilt) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
if (isUpToDate && (hasPrograms() || !findsOneDnn())) {
  console.log("The native kernels are up to date.");
  process.exit(0);
}

console.log(
  isUpToDate
    ? "Building the native kernels anew, with oneDNN, which is here now; this takes a minute or two ..."
    : "Building the native kernels; this takes a minute or two ...",
);
const addonApi = require("node-addon-api").include_dir;
const cmakeJs = join(dirname(require.resolve("cmake-js/package.json")), "bin", "cmake-js");
// CMake keeps to the oneDNN that it has once found.
const work = join(
  root,
  "build",
  `work${kind.suffix}${words.onednn === undefined ? "" : "-linked"}`,
);
// CMake would not look again for what it has once missed.
if (isUpToDate) rmSync(work, { recursive: true, force: true });
const build = spawnSync(
  process.execPath,
  [cmakeJs, "compile", "--out", work, `--CDNODE_ADDON_API_INCLUDE=${addonApi}`, ...kind.settings],
  { cwd: root, encoding: "utf8" },
);
const finished = (name) => join(work, "Release", name);
const output = `${build.stdout ?? ""}${build.stderr ?? ""}`;
if (build.status !== 0 || !products.every((name) => existsSync(finished(name)))) {
  process.stderr.write(output);
  console.error("The native kernels did not build; the lines above say why.");
  process.exit(1);
}
if (kind === kinds.here && buildCuda()) products.push(cudaProduct);
else rmSync(join(release, cudaProduct), { force: true });
if (kind === kinds.portable)
  products.push(...readdirSync(join(work, "Release")).filter((name) => /^kernels_cpu-/.test(name)));
mkdirSync(release, { recursive: true });
for (const name of products) {
  copyFileSync(finished(name), join(release, `${name}.new`));
  renameSync(join(release, `${name}.new`), join(release, name));
}
writeFileSync(stamp, wanted);
console.log(`Built ${products.join(", ")} in ${relative(root, release)}.`);

/** Whether what was built has stage programs: it has not where oneDNN was missing. */
function hasPrograms() {
  const script = "if (require(process.argv[1]).features.oneDnn === null) process.exit(3)";
  const name = readdirSync(release).find((each) => /^kernels_cpu\b.*\.node$/.test(each));
  if (name === undefined) return false;
  const binary = join(release, name);
  return spawnSync(process.execPath, ["-e", script, binary]).status !== 3;
}

/** Whether a compiler finds oneDNN. */
function findsOneDnn() {
  const words = ["-x", "c++", "-fsyntax-only", "-"];
  const compiler = process.env.CXX || "c++";
  return spawnSync(compiler, words, { input: "#include <dnnl.hpp>\n" }).status === 0;
}

/** Builds the kernels for CUDA if CMake has found a compiler for them. */
function buildCuda() {
  const cache = readFileSync(join(work, "CMakeCache.txt"), "utf8");
  const compiler = /^CMAKE_CUDA_COMPILER:[^=]*=(.*)$/m.exec(cache)?.[1] ?? "NOTFOUND";
  if (compiler === "" || compiler.endsWith("NOTFOUND")) {
    console.log("The CUDA kernels are left out: nvcc was not found.");
    return false;
  }
  const { status, stdout, stderr } = spawnSync(
    "cmake",
    ["--build", work, "--config", "Release", "--target", "kernels_cuda"],
    { encoding: "utf8" },
  );
  if (status === 0 && existsSync(finished(cudaProduct))) return true;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  console.log(`The CUDA kernels are left out: ${compiler} could not build them.`);
  return false;
}
