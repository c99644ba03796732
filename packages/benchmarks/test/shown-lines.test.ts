import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ferret } from "./command.js";
import { dataDir, furnish, shorten } from "./line-folder.js";
import {
  commandPaths,
  folderOf,
  helpExamples,
  inlineLines,
  npmScripts,
  pages,
  repository,
  type ShownLine,
  shellLines,
} from "./shown-lines.js";
import { ShownServices } from "./shown-services.js";
import { tfjsNodeProject } from "./tfjs-node-project.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-lines-"));
beforeAll(() => furnish(folder), 300_000);
const services = new ShownServices(folder);
afterAll(async () => {
  await services.endAll();
  rmSync(folder, { recursive: true, force: true });
});

const readJson = (path: string) => JSON.parse(readFileSync(join(repository, path), "utf8"));
const scriptsOf = (packageFolder: string): Record<string, string> =>
  readJson(join(packageFolder, "package.json")).scripts ?? {};
const packageFolders = readdirSync(join(repository, "packages")).map((name) => `packages/${name}`);
const publicNames = new Map(
  packageFolders.map((path) => [readJson(join(path, "package.json")).name as string, path]),
);

/** A line's words, and the file that its output goes into. */
function split(line: string): { words: string[]; file: string | undefined } {
  const [command, file] = line.split(/\s+>\s+/);
  const words = [...(command as string).matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
  return { words: words.map(([, one, two, bare]) => (one ?? two ?? bare) as string), file };
}

const keep = (file: string | undefined, text: string) => {
  if (file !== undefined) writeFileSync(join(folder, file), text);
};

/** Lines that have run: pages and help texts show some of them alike. */
const done = new Set<string>();

/** With tfjs-node, where it is built; where not, the line must be refused with what to do. */
async function runOnTensorFlow({ line }: ShownLine): Promise<void> {
  const short = shorten(split(line.replace(/^npx /, "")).words.slice(1), folder);
  const env = { FERRET_DATA_DIR: dataDir ?? "", FERRET_TFJS_NODE: tfjsNodeProject ?? "" };
  const { code, stderr } = await ferret(short, { cwd: folder, env });
  expect(code).toBe(tfjsNodeProject === null ? 2 : 0);
  if (tfjsNodeProject === null) expect(stderr).toContain("npx @ferret-ocl/tfjs-node-build");
}

async function runFerret({ line }: ShownLine): Promise<void> {
  const { words, file } = split(line.replace(/^npx /, ""));
  const short = shorten(words.slice(1), folder);
  if (file === undefined && done.has(short.join(" "))) return;
  const env = { FERRET_DATA_DIR: dataDir ?? "" };
  const { code, stdout, stderr } = await ferret(short, { cwd: folder, env });
  if (code !== 0) throw new Error(`ferret ${short.join(" ")} ended with ${code}: ${stderr}`);
  done.add(short.join(" "));
  expect(stdout.length).toBeGreaterThan(0);
  keep(file, stdout);
  for (const option of ["--out", "--save-model", "--save-weights", "--trace"]) {
    const at = short.indexOf(option);
    if (at >= 0) expect(existsSync(join(folder, short[at + 1] as string))).toBe(true);
  }
}

/** Asks the service of the page; where a page starts none, it is examples/http-service.mjs that is asked. */
function askService({ page, line }: ShownLine): void {
  const url = services.urlOf(page);
  if (url !== undefined) {
    const asked = line
      .replace("curl ", "curl --silent --show-error --fail-with-body ")
      .replace("localhost:8080", url.replace("http://", ""));
    expect(execFileSync("sh", ["-c", asked], { cwd: folder, encoding: "utf8" })).not.toBe("");
    return;
  }
  const words = split(line).words;
  const [path] = words.flatMap((word) => /^localhost:8080(\/.*)$/.exec(word)?.[1] ?? []);
  const service = readFileSync(join(repository, folderOf(page), "http-service.mjs"), "utf8");
  expect(service).toContain(`${words.includes("-d") ? "POST" : "GET"} ${path}"`);
}

const plannerCommand = join(repository, "packages/planner/bin/ferret-plan.js");

const builderCommand = join(repository, "packages/tfjs-node-build/bin/ferret-tfjs-node.js");

const runScript = (...words: string[]) =>
  execFileSync(process.execPath, words, { cwd: folder, encoding: "utf8" });

/** Lines that cannot run here are held to what can be: that what they name is there. */
const kinds: readonly (readonly [RegExp, (shown: ShownLine, words: string[]) => unknown])[] = [
  [
    /^ferret serve (?!--help)/,
    ({ page }, words) =>
      services.start(
        page,
        words.slice(1).filter((word) => word !== "&"),
      ),
  ],
  [/^kill %1$/, ({ page }) => services.end(page)],
  [/^((printf|head) [^|]* \| )?curl .*localhost:8080/, (shown) => askService(shown)],
  [/^(npx )?ferret .*--runtime node\b/, (shown) => runOnTensorFlow(shown)],
  [/^(npx )?ferret /, (shown) => runFerret(shown)],
  [
    /^npx @ferret-ocl\/tfjs-node-build$/,
    () => expect(runScript(builderCommand, "--help")).toContain("Usage: ferret-tfjs-node"),
  ],
  [/^npx @ferret-ocl\/planner /, (_, words) => runScript(plannerCommand, ...words.slice(2))],
  [/^cat > \S+$/, ({ line, input = "" }) => keep(split(line).file, input)],
  // A service of our own; scripts/pack-check.mjs runs it.
  [
    /^node \S+ &$/,
    ({ page }, words) =>
      expect(existsSync(join(repository, folderOf(page), words[1] as string))).toBe(true),
  ],
  [
    /^node \S+( [^\s>]+)*( > \S+)?$/,
    ({ line }, [, ...words]) => keep(split(line).file, runScript(...words)),
  ],
  // The versions that the tests of it are run with.
  [
    /^(python3 -m pip install|npm install --ignore-scripts) \S+$/,
    (_, words) =>
      expect(readFileSync(join(repository, "scripts/setup-tfjs-node.mjs"), "utf8")).toContain(
        `"${words.at(-1)}"`,
      ),
  ],
  [
    /^python3 /,
    ({ page }, words) =>
      expect(existsSync(join(repository, folderOf(page), words[1] as string))).toBe(true),
  ],
  [
    /^npm (run \S+|test)( --.*)?$/,
    (_, words) =>
      expect(scriptsOf(".")).toHaveProperty([words[1] === "run" ? (words[2] as string) : "test"]),
  ],
  [
    /^npx turbo run \S+( -- .*)?$/,
    (_, words) => expect(readJson("turbo.json").tasks).toHaveProperty([words[3] as string]),
  ],
  [
    /^npm install /,
    ({ page }, words) => {
      const { peerDependencies = {} } = readJson(join(folderOf(page), "package.json"));
      for (const name of words.slice(2).filter((word) => !word.startsWith("-")))
        expect([...publicNames.keys(), ...Object.keys(peerDependencies)]).toContain(name);
    },
  ],
  [
    /^npm explore \S+ -- npm run \S+$/,
    (_, words) =>
      expect(scriptsOf(publicNames.get(words[2] as string) as string)).toHaveProperty([
        words[6] as string,
      ]),
  ],
  [
    /^apt-get install /,
    (_, words) => {
      const setup = readdirSync(join(repository, "scripts/setup"))
        .map((name) => readFileSync(join(repository, "scripts/setup", name), "utf8"))
        .join();
      for (const name of words.slice(2)) expect(setup).toContain(name);
    },
  ],
  [
    /^bash \S+$/,
    ({ page }, words) =>
      expect(existsSync(join(repository, folderOf(page), words[1] as string))).toBe(true),
  ],
];

async function hold(shown: ShownLine): Promise<void> {
  const [, check] = kinds.find(([form]) => form.test(shown.line)) ?? [];
  if (!check)
    throw new Error(`Expected a line that can be checked but found "${shown.line}"; add its kind`);
  await check(shown, split(shown.line).words);
}

const timeout = 300_000;
const lines = pages.flatMap(shellLines);
const inline = pages.flatMap(inlineLines);
const unique = [...new Map(inline.map((shown) => [shown.line, shown])).values()];
const names = commandPaths();
const isCommand = ({ line }: ShownLine) => names.includes(line);

describe("the lines of pages", () => {
  it("are found", () => {
    expect(lines.filter(({ line }) => line.startsWith("ferret ")).length).toBeGreaterThan(15);
    expect(unique.length).toBeGreaterThan(8);
  });

  it.each(lines)("$page: $line", { timeout }, (shown) => hold(shown));

  it.each(unique.filter((shown) => !isCommand(shown)))(
    "$page, in the text: $line",
    { timeout },
    (shown) => hold(shown),
  );

  it("name commands that there are", () => {
    for (const { line } of unique.filter(isCommand)) expect(names).toContain(line);
  });

  it.each(pages)("%s names scripts that there are", (page) => {
    const own = page.startsWith("packages/") ? scriptsOf(folderOf(page)) : {};
    const every = { ...scriptsOf("."), ...own };
    for (const script of npmScripts(page))
      if (!(script in every))
        expect(packageFolders.some((path) => script in scriptsOf(path))).toBe(true);
  });
});

describe("the examples of help texts", () => {
  it.each(helpExamples())("$page: $line", { timeout }, (shown) => hold(shown));
});

describe("on defaults, with few items", () => {
  const experiments = names.filter((name) => /^ferret (experiment .*|demo|run)$/.test(name));
  it.each(experiments)("%s", { timeout }, (line) => runFerret({ page: "defaults", line }));
});
