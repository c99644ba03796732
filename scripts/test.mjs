// Runs the tests of all packages and adds them up. Names of packages as arguments
// (`npm test -- planner`) narrow the run. The closing line is always the last one printed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "./setup/step.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reportPath = join(".ferret", "test.json");
const packages = selectPackages(process.argv.slice(2));
for (const name of packages) rmSync(join(root, "packages", name, reportPath), { force: true });

const dataFolder = process.env.FERRET_DATA_DIR;
const { status } = spawnSync(
  join(root, "node_modules", ".bin", "turbo"),
  [
    "run",
    "test",
    // The set-up has built everything; the reporter options below would spoil the builds' cache.
    "--only",
    "--continue",
    // vitest itself uses every core, see below.
    `--concurrency=${Math.max(1, Math.floor(availableParallelism() / 4))}`,
    ...packages.map((name) => `--filter=./packages/${name}`),
    "--",
    // Without this vitest leaves one core idle.
    "--maxWorkers=100%",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportPath}`,
  ],
  {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: childEnvironment(dataFolder && { FERRET_DATA_DIR: resolve(root, dataFolder) }),
  },
);

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const name of packages) {
  const count = countTests(name);
  for (const key of Object.keys(total)) total[key] += count[key];
  failures.push(...failuresOf(name));
}
// Again at the end: above they stand among thousands of lines.
for (const failure of failures) console.log(`\n${failure}`);
const broken = status !== 0 || total.failed > 0 || total.passed === 0;
if (dataFolder === undefined) {
  console.log("FERRET_DATA_DIR is not set: tests on real data were skipped.");
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = broken ? status || 1 : 0;

function selectPackages(wanted) {
  const known = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json")),
  );
  const stranger = wanted.find((name) => !known.includes(name));
  if (stranger === undefined) return wanted.length > 0 ? wanted : known;
  console.error(`Expected one of ${known.join(", ")} for package but received ${stranger}`);
  process.exit(2);
}

function reportOf(name) {
  const path = join(root, "packages", name, reportPath);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { testResults: [] };
}

/** What failed in a package: each test's file, name and message. */
function failuresOf(name) {
  return reportOf(name).testResults.flatMap(({ name: file, message, assertionResults }) => {
    const place = relative(root, file);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return message ? [`FAILED ${place}\n${shortened(message)}`] : [];
    return failed.map(
      ({ fullName, failureMessages }) =>
        `FAILED ${place}: ${fullName}\n${shortened(failureMessages.join("\n"))}`,
    );
  });
}

/** The first lines of a message: a difference of long arrays has thousands. */
function shortened(message) {
  return message.split("\n").slice(0, 30).join("\n").slice(0, 3_000);
}

/** A package without tests, and a test file that cannot be loaded, each count as one failure. */
function countTests(name) {
  const report = reportOf(name);
  if (report.testResults.length === 0) {
    console.log(`${name}: no tests were run`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const unloadable = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
