// What a stranger gets: packs the packages that stand alone, installs each tarball by itself in an
// empty project without a registry, and runs the first example of its README. The example must
// print what the README says it prints, and `require` must give what `import` gives.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const standalone = ["planner", "compensation"];

const workplace = mkdtempSync(join(tmpdir(), "ferret-pack-"));
try {
  const complaints = [];
  for (const name of standalone) complaints.push(...(await checkPackage(name)));
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
} finally {
  rmSync(workplace, { recursive: true, force: true });
}

/** @returns {Promise<string[]>} what is wrong, in sentences */
async function checkPackage(name) {
  const folder = join(root, "packages", name);
  const project = join(workplace, name);
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  const [{ filename }] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", project], folder),
  );
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], project);

  const complaints = compareModuleFormats(`@ferret-ocl/${name}`, project);
  const readme = join(folder, "README.md");
  const example = existsSync(readme) ? firstExample(readFileSync(readme, "utf8")) : null;
  if (example === null) {
    const wanted = "a ```js block followed by its output in a ```text block";
    return [...complaints, `Expected packages/${name}/README.md to hold ${wanted}`];
  }
  const { code, output } = example;
  writeFileSync(join(project, "example.mjs"), code);
  const printed = run(process.execPath, ["example.mjs"], project);
  if (trimLines(printed) !== trimLines(output)) {
    complaints.push(
      `Expected the first example of packages/${name}/README.md to print\n${output}\nbut it printed\n${printed}`,
    );
  }
  return complaints;
}

function compareModuleFormats(specifier, project) {
  const script = `
    import * as imported from "${specifier}";
    import { createRequire } from "node:module";
    const required = createRequire(import.meta.url)("${specifier}");
    const names = (module) => Object.keys(module).sort().join(" ");
    console.log(names(imported) === names(required) && names(imported) !== "");
  `;
  const same = run(process.execPath, ["--input-type=module", "--eval", script], project).trim();
  return same === "true" ? [] : [`Expected import and require of ${specifier} to give the same`];
}

/** The first js block of a README and the text block that follows it. */
function firstExample(readme) {
  const match = /^```js\n(.*?)^```$.*?^```text\n(.*?)^```$/ms.exec(readme);
  return match === null ? null : { code: match[1], output: match[2] };
}

function trimLines(text) {
  return text.trimEnd().replace(/[ \t]+$/gm, "");
}

function run(command, commandArguments, folder) {
  return execFileSync(command, commandArguments, { cwd: folder, encoding: "utf8" });
}
