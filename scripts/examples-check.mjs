// Runs every script of examples/ and holds what it prints against examples/README.md; the one in
// Python only where PyTorch is there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comparePrinted, outputBelow, run } from "./shared/printed.mjs";

const folder = fileURLToPath(new URL("../examples", import.meta.url));
const readme = readFileSync(join(folder, "README.md"), "utf8");

const complaints = readdirSync(folder)
  .filter((name) => name.endsWith(".mjs"))
  .flatMap((name) => {
    const promised = outputBelow(readme, name);
    return promised === null
      ? [`Expected examples/README.md to hold a \`\`\`text block below "## ${name}"`]
      : comparePrinted(`examples/${name}`, name, folder, promised);
  });
complaints.push(...checkPyTorch("profile-from-pytorch.py"));
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;

/** The first Python that has PyTorch; undefined where none has. */
function pythonWithTorch() {
  return ["python3", "/usr/bin/python3"].find((python) => {
    try {
      run(python, ["-c", "import torch"], folder);
      return true;
    } catch {
      return false;
    }
  });
}

/** Times differ from run to run, and plans with them: what holds of each is checked. */
function checkPyTorch(script) {
  const python = pythonWithTorch();
  if (python === undefined) {
    console.log(`Skipped: examples/${script}, as no python3 here has PyTorch`);
    return [];
  }
  const printed = run(python, [script], folder);
  const layers = [...printed.matchAll(/^stage \d+: (.*)$/gm)].flatMap(([, names]) =>
    names.split(", "),
  );
  const names = ["0 Linear", "1 ReLU", "2 Linear", "3 ReLU", "4 Linear"];
  // The least budget is the plan's own memory.
  const isPlanned = /^workers: [1-9]\d* with (\d+) bytes of \1$/m.test(printed);
  if (isPlanned && layers.join() === names.join()) return [];
  return [
    `Expected stages of ${names.join(", ")} and a plan that fits from examples/${script} but it printed\n${printed}`,
  ];
}
