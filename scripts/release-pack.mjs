// Everything that a release publishes, as tarballs in one folder: the packages of this repository, and
// the package of native binaries for the platform that this runs on.
//
//   npm run release:pack -- [--out FOLDER] [--onednn-source FOLDER | --onednn FOLDER]
//     [--no-tests]
//
// oneDNN is downloaded (a fixed version, by its hash) and compiled once; --onednn-source takes its
// sources from a folder, and --onednn what packages/kernels-cuda/native/onednn has installed in one.
// Tarballs of other platforms, made there, may lie in the folder already: kernels-cuda names all that
// it finds as optional dependencies. The folder is .ferret/release by default.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkPlatformPackage } from "./release/check-package.mjs";
import { buildOneDnn, isInstalled } from "./release/onednn.mjs";
import { writePlatformPackage } from "./release/platform-package.mjs";
import { packageName, platformHere, platforms } from "./release/platforms.mjs";
import { serveTarballs } from "./release/registry.mjs";
import { complaintsAbout } from "./release/symbols.mjs";
import {
  addOptionalDependencies,
  packedPlatforms,
  packFolder,
  packWorkspaces,
} from "./release/tarballs.mjs";
import { StepError, step } from "./setup/step.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: words } = parseArgs({
  allowNegative: true,
  options: {
    out: { type: "string", default: join(root, ".ferret", "release") },
    "onednn-source": { type: "string" },
    onednn: { type: "string" },
    tests: { type: "boolean", default: true },
    verbose: { type: "boolean", default: false },
  },
});
const kernels = join(root, "packages", "kernels-cuda");
const binaries = join(kernels, "build", "Portable");
const options = { verbose: words.verbose, report: true };

try {
  await pack(resolve(words.out));
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  console.error(`${error.output}\n${error.message}`);
  process.exitCode = 1;
}

async function pack(out) {
  mkdirSync(out, { recursive: true });
  const platform = platformHere();
  if (platform === null) {
    const names = platforms.map(({ name }) => name).join(", ");
    const here = `${process.platform}-${process.arch}`;
    throw new StepError(`Expected a machine of ${names} for the binaries but this is ${here}`, "");
  }
  if (!platform.tried) console.log(`These steps have not been tried on ${platform.name} yet.`);
  if (words.onednn !== undefined && !isInstalled(words.onednn))
    throw new StepError(
      `Expected a folder that native/onednn was installed in for --onednn but ${words.onednn} is none; leave ` +
        "it out to compile oneDNN, or name the folder that was its CMAKE_INSTALL_PREFIX",
      "",
    );
  const oneDnn = words.onednn
    ? resolve(words.onednn)
    : await buildOneDnn(root, words["onednn-source"], options);
  await step(
    "Building the portable kernels",
    process.execPath,
    [join(kernels, "scripts", "build-native.mjs"), "--portable", "--onednn", oneDnn],
    options,
  );
  if (platform.os === "linux") checkSymbols();
  if (words.tests)
    await step(
      "Testing them on each instruction set of this machine (minutes)",
      process.execPath,
      [join(root, "scripts", "test-portable.mjs"), "--no-build"],
      options,
    );
  const folder = join(root, ".ferret", `kernels-${platform.name}`);
  const ours = packFolder(writePlatformPackage(platform, { root, binaries, oneDnn, folder }), out);
  const tarballs = packWorkspaces(root, out).set(packageName(platform), ours);
  const { version } = JSON.parse(readFileSync(join(kernels, "package.json"), "utf8"));
  const present = packedPlatforms(out, version);
  addOptionalDependencies(tarballs.get("@ferret-ocl/kernels-cuda"), out, present);
  await checkInstalled(platform, tarballs, out);
  const names = present.map(({ name }) => name).join(", ");
  console.log(`Packed into ${out}, with binaries for ${names}.`);
}

/** Installs kernels-cuda in an empty folder, as npm does it, without a compiler. */
async function checkInstalled(platform, tarballs, out) {
  const workplace = mkdtempSync(join(tmpdir(), "ferret-release-"));
  const registry = await serveTarballs(out);
  try {
    const complaints = checkPlatformPackage(platform, tarballs, workplace, registry);
    if (complaints.length > 0)
      throw new StepError("The tarballs do not run natively as installed", complaints.join("\n"));
    console.log("Installed in an empty folder without a compiler, the kernels are native.");
  } finally {
    registry.close();
    rmSync(workplace, { recursive: true, force: true });
  }
}

function checkSymbols() {
  const files = readdirSync(binaries).filter((name) => name.endsWith(".node"));
  const complaints = files.flatMap((name) => complaintsAbout(join(binaries, name)));
  if (complaints.length > 0)
    throw new StepError("The binaries would not load everywhere", complaints.join("\n"));
  console.log(`${files.length} binaries need nothing newer than glibc 2.28, and no other library.`);
}
