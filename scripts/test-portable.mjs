// Builds the binaries of the platform package and runs the tests of the kernels, of stage programs and
// of the pipeline on the binary for each instruction set that this machine has; then compares what
// they compute. Not among the tests: each binary is a build of its own, and takes the tests once more.
//
//   npm run test:portable -- [--onednn FOLDER] [--only SET] [--no-build]
//
// With the oneDNN of this system, unless --onednn names a folder that native/onednn was installed in,
// as npm run release:pack does.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { kernelParameters } from "@ferret-ocl/compensation/testing";
import { childEnvironment } from "./setup/step.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: words } = parseArgs({
  allowNegative: true,
  options: {
    onednn: { type: "string" },
    only: { type: "string" },
    build: { type: "boolean", default: true },
  },
});
const kernels = join(root, "packages", "kernels-cuda");
/** Tests that say nothing about the binary that computes are left out. */
const suites = {
  "kernels-cuda": [
    "kernels",
    "kernel-shapes",
    "kinds",
    "program",
    "bounds",
    "joined-stages",
    "split-backward",
    "secant-calls",
  ],
  pipeline: ["runtime", "execute", "course", "learner", "clock"],
};

/** What adds nothing up in floats, or in an order that the formula gives. */
const sameEverywhere = [
  "squaredNorm",
  "changeProducts",
  "magnitudeAverage",
  "pull",
  "add",
  "maxPooling2d forward",
  "maxPooling2d backward",
];

if (words.build) {
  const build = [join(kernels, "scripts", "build-native.mjs"), "--portable"];
  if (words.onednn !== undefined) build.push("--onednn", words.onednn);
  if (run(build, {}).status !== 0) process.exit(1);
}
const { supported } = createRequire(import.meta.url)(
  join(kernels, "build", "Portable", "kernels_isa.node"),
);
if (words.only !== undefined && !supported.includes(words.only)) {
  console.error(`Expected ${supported.join(", ")} for --only but received ${words.only}`);
  process.exit(2);
}
const failures = [];
const found = new Map();
for (const set of words.only ? [words.only] : supported) {
  const { status, stdout } = run([join(root, "scripts", "test-portable", "results.mjs")], {
    environment: { FERRET_ISA: set },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const report = status === 0 ? JSON.parse(stdout) : {};
  const path = join(kernels, "build", "Portable", `kernels_cpu-${set}.node`);
  if (report.binary !== path) {
    failures.push(`Expected ${path} to be loaded for FERRET_ISA=${set} but got ${report.binary}`);
    continue;
  }
  found.set(set, report.results);
  for (const [name, filters] of Object.entries(suites)) {
    console.log(`\n${set}: the tests of ${name}`);
    const places = filters.map((filter) => `test/${filter}${name === "pipeline" ? "/" : ".test"}`);
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const tests = run([vitest, "run", "--root", join(root, "packages", name), ...places], {
      environment: { FERRET_ISA: set },
    });
    if (tests.status !== 0) failures.push(`${set}: tests of ${name} failed`);
  }
}
compare();
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

/**
 * Says what comes out the same, bit for bit, on several instruction sets, and fails where something
 * does not that has no reason to differ. Sums in an order of their own, and multiplications that are
 * rounded before something is added, make the others differ.
 */
function compare() {
  const isFused = (set) => set !== "sse41";
  const isKernel = (name) => Object.hasOwn(kernelParameters, name);
  const [first, ...others] = [...found];
  for (const [set, results] of others) {
    const names = Object.keys(results);
    const different = names.filter((name) => results[name] !== first[1][name]);
    const areFused = isFused(set) && isFused(first[0]);
    for (const name of different)
      if (sameEverywhere.includes(name) || (areFused && isKernel(name)))
        failures.push(`Expected ${name} to give the same bits on ${set} and ${first[0]}`);
    console.log(
      `\n${set} and ${first[0]}: ${names.length - different.length} of ${names.length} results are ` +
        `the same bit for bit; not those of ${different.join(", ") || "none"}`,
    );
  }
}

function run(words, { environment = {}, stdio = ["ignore", "inherit", "inherit"] }) {
  const env = childEnvironment(environment);
  // These would hold oneDNN to another instruction set than the binary's.
  for (const name of Object.keys(env)) if (/_MAX_CPU_ISA$/.test(name)) delete env[name];
  return spawnSync(process.execPath, words, { cwd: root, encoding: "utf8", stdio, env });
}
