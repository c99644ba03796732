// Runs every script in examples/ and compares what it prints with examples/README.md; those in
// Python only if PyTorch is installed: with the python that FERRET_PYTHON names, or python3.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comparePrinted, outputBelow, run } from "./shared/printed.mjs";

const folder = fileURLToPath(new URL("../examples", import.meta.url));
const planner = fileURLToPath(new URL("../packages/planner/dist/cli.js", import.meta.url));
const readme = readFileSync(join(folder, "README.md"), "utf8");
const python = pythonWithTorch();
const played = "play-a-plan.mjs";
/** Goes on until it is stopped: pack-check.mjs talks to it. */
const service = "http-service.mjs";
/** The other half of a script in Python. */
const served = "compensate-pytorch.mjs";

const complaints = readdirSync(folder)
  .filter((name) => name.endsWith(".mjs") && ![played, service, served].includes(name))
  .flatMap((name) => {
    const promised = outputBelow(readme, name);
    return promised === null
      ? [`Expected examples/README.md to hold a \`\`\`text block below "## ${name}"`]
      : comparePrinted(`examples/${name}`, name, folder, promised);
  });
complaints.push(...checkPlayed());
if (python === undefined)
  console.log(
    "Skipped: examples in Python, since no python here has PyTorch; FERRET_PYTHON can name one",
  );
else
  complaints.push(
    ...checkProfiled(python, "profile-from-pytorch.py"),
    ...checkCompensated(python, "compensate-pytorch.py"),
  );
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;

/** The first Python that has PyTorch; undefined if none has. */
function pythonWithTorch() {
  const named = process.env.FERRET_PYTHON;
  return [...(named ? [named] : []), "python3", "/usr/bin/python3"].find((command) => {
    try {
      run(command, ["-c", "import torch"], folder);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Plans and plays what the README lists, one plan per line: "--budget 18KiB: online accuracy 87.33
 * %, ...". The loop in PyTorch must drop the same items, and have the same accuracy to within 0.1
 * points.
 */
function checkPlayed() {
  const lines = outputBelow(readme, played).trimEnd().split("\n");
  const workplace = mkdtempSync(join(tmpdir(), "ferret-played-"));
  try {
    return lines.flatMap((line) => {
      const [options, promised] = line.split(": ");
      const plan = join(workplace, "plan.json");
      const words = ["mlp/profile.json", "--arrival", "4ms", ...options.split(" "), "--out", plan];
      run(process.execPath, [planner, ...words], folder);
      const paths = ["mlp/profile.json", plan];
      const printed = run(process.execPath, [played, ...paths], folder).trimEnd();
      const inPyTorch = python && run(python, ["play-a-plan.py", ...paths], folder).trimEnd();
      return [
        printed === promised
          ? []
          : `Expected examples/${played} to print "${promised}" for ${options} but it printed "${printed}"`,
        inPyTorch === undefined || isAlike(inPyTorch, printed)
          ? []
          : `Expected examples/play-a-plan.py to print about "${printed}" for ${options} but it printed "${inPyTorch}"`,
      ].flat();
    });
  } finally {
    rmSync(workplace, { recursive: true });
  }
}

function isAlike(some, other) {
  const [[accuracy, drops], [otherAccuracy, otherDrops]] = [some, other].map((line) =>
    line.split(" %, "),
  );
  const points = (text) => Number(text.replace("online accuracy ", ""));
  return drops === otherDrops && Math.abs(points(accuracy) - points(otherAccuracy)) <= 0.1;
}

/** Another PyTorch rounds, and so learns, a little differently: by 2 points at the most. */
function checkCompensated(python, script) {
  const sharesOf = (text) => [...text.matchAll(/^(.+): ([\d.]+) % right$/gm)];
  const printed = run(python, [script], folder);
  const promised = sharesOf(outputBelow(readme, script) ?? "");
  const shares = sharesOf(printed);
  const isAlike =
    shares.length === 3 &&
    shares.every(([, what, share], line) => {
      const [, expected, wanted] = promised[line] ?? [];
      return what === expected && Math.abs(Number(share) - Number(wanted)) <= 2;
    });
  return isAlike
    ? []
    : [
        `Expected examples/${script} to print about what examples/README.md says but it printed\n${printed}`,
      ];
}

/** Times differ from run to run, and plans with them: what holds of each is checked. */
function checkProfiled(python, script) {
  const printed = run(python, [script], folder);
  const layers = [...printed.matchAll(/^stage \d+: (.*)$/gm)].flatMap(([, names]) =>
    names.split(", "),
  );
  const names = ["0 Linear", "1 ReLU", "2 Linear", "3 ReLU", "4 Linear"];
  const isTold = /^times: measured on .+, PyTorch \d.*, one thread$/m.test(printed);
  // The least budget is the plan's own memory.
  const isPlanned = /^workers: [1-9]\d* with (\d+) bytes of \1$/m.test(printed);
  if (isTold && isPlanned && layers.join() === names.join()) return [];
  return [
    `Expected measured times, stages of ${names.join(", ")} and a plan that fits from ` +
      `examples/${script} but it printed\n${printed}`,
  ];
}
