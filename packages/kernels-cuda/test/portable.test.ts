// The tests of the kernels and of stage programs again, on the binary for each instruction set that
// this machine has. Another set can only be had in another process, so each is a run of its own.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = process.env.FERRET_PORTABLE_FOLDER ?? join(root, "build", "Portable");
const probe = join(folder, "kernels_isa.node");
const require = createRequire(import.meta.url);
const supported: string[] = existsSync(probe) ? require(probe).supported : [];
if (supported.length === 0)
  console.warn(
    "The portable kernels are not tested: run npm run build:native -w @ferret-ocl/kernels-cuda -- --portable",
  );

const suites = [
  "kernels",
  "kernel-shapes",
  "kinds",
  "program",
  "bounds",
  "joined-stages",
  "split-backward",
];
const vitest = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs");
const minutes = 60_000;

/** Runs Node without what this test's own run has set. */
async function node(words: string[], instructionSet: string) {
  const environment: NodeJS.ProcessEnv = { ...process.env, FERRET_ISA: instructionSet };
  for (const name of Object.keys(environment))
    if (/^VITEST|^NODE_ENV$|_MAX_CPU_ISA$/.test(name)) delete environment[name];
  const run = promisify(execFile);
  return run(process.execPath, words, { cwd: root, env: environment, maxBuffer: 1 << 26 });
}

describe.skipIf(supported.length === 0).each(supported)("kernels for %s", (instructionSet) => {
  it("run where FERRET_ISA asks for them", async () => {
    const script = `
      import { loadKernels } from ${JSON.stringify(join(root, "dist", "index.js"))};
      const { report, programs } = loadKernels();
      console.log(report.chosen, report.instructionSet, programs?.instructionSet);`;
    const { stdout } = await node(["--input-type=module", "-e", script], instructionSet);
    expect(stdout).toBe(`cpu ${instructionSet} ${instructionSet}\n`);
  });

  it("pass what the kernels of this machine pass", { timeout: 30 * minutes }, async () => {
    const files = suites.map((name) => `test/${name}.test.ts`);
    const words = [vitest, "run", "--reporter=json", "--maxWorkers=1", ...files];
    const output = await node(words, instructionSet).catch((error) => error);
    const report = JSON.parse(output.stdout.slice(output.stdout.indexOf("{")));
    const failures = report.testResults.flatMap(
      (file: { name: string; message: string; assertionResults: TestResult[] }) =>
        file.assertionResults.length === 0
          ? [`${file.name}: ${file.message}`]
          : file.assertionResults
              .filter(({ status }) => status === "failed")
              .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`),
    );
    expect(failures).toEqual([]);
    // None is left out: the binary has stage programs.
    expect(report.numPendingTests).toBe(0);
    expect(report.numPassedTests).toBeGreaterThan(100);
  });
});

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages: string[];
}
