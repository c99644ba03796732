import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** A command as a page or a help text shows it. */
export interface ShownLine {
  /** The page, from the repository's root, or the command whose help it is. */
  readonly page: string;
  readonly line: string;
  /** What a here-document hands it. */
  readonly input?: string;
}

/** Every page of the repository that tells how something is run. */
export const pages: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "examples/README.md",
  ...readdirSync(join(repository, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(repository, "packages")).map((name) => `packages/${name}/README.md`),
];

const textOf = (page: string) => readFileSync(join(repository, page), "utf8");

/** The commands of all shell blocks of a page, comments and line breaks taken out. */
export function shellLines(page: string): ShownLine[] {
  const blocks = [...textOf(page).matchAll(/^```(?:sh|bash|shell|console)\n(.*?)^```/gms)];
  return blocks.flatMap(([, block]) => readBlock(page, block as string));
}

function readBlock(page: string, block: string): ShownLine[] {
  const found: ShownLine[] = [];
  const rest = block.replaceAll("\\\n", " ").split("\n");
  for (let text = rest.shift(); text !== undefined; text = rest.shift()) {
    const end = /<<'(\w+)'\s*$/.exec(text);
    const input: string[] = [];
    if (end) while (rest[0] !== end[1] && rest.length > 0) input.push(rest.shift() as string);
    if (end) rest.shift();
    const line = text
      .replace(/(^|\s)#\s.*$/, "")
      .replace(/\s*<<'\w+'\s*$/, "")
      .trim();
    if (line !== "") found.push({ page, line, ...(end ? { input: `${input.join("\n")}\n` } : {}) });
  }
  return found;
}

/** Uses of the command within a sentence or a table, such as `ferret run --help`. */
export function inlineLines(page: string): ShownLine[] {
  const prose = textOf(page).replaceAll(/^```.*?^```/gms, "");
  const found = [...prose.matchAll(/`((?:npx )?ferret [^`]+)`/g)].map(([, line]) => line as string);
  return [...new Set(found)]
    .filter((line) => !line.includes("<"))
    .map((line) => ({ page, line: line.replaceAll("\n", " ") }));
}

/** Scripts that text or blocks name, such as `npm run check`. */
export function npmScripts(page: string): string[] {
  const found = [...textOf(page).matchAll(/npm (?:run ([\w:-]+)|(test)\b)/g)];
  return [...new Set(found.map(([, script, test]) => (script ?? test) as string))];
}

/** What folder a page stands in, from the repository's root. */
export const folderOf = (page: string) => relative(".", join(page, ".."));

/** The first block of a language on a page. */
export function firstBlock(page: string, language: string): string {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(textOf(page))?.[1];
  if (block === undefined) throw new Error(`Expected a block of ${language} in ${page}`);
  return block;
}

/** Help texts by command, all there are: `ferret`, `ferret run`, `ferret experiment pressure`. */
const helpTexts = new Map<string, string>();

function readHelp(path: readonly string[]): void {
  const words = [join(repository, "packages/benchmarks/dist/cli.js"), ...path, "--help"];
  const text = execFileSync(process.execPath, words, { encoding: "utf8" });
  helpTexts.set(["ferret", ...path].join(" "), text);
  const commands = /^Commands:\n((?:^ {2,}.*\n)+)/m.exec(text)?.[1] ?? "";
  for (const [, name] of commands.matchAll(/^ {2}([a-z-]+)/gm))
    if (name !== "help") readHelp([...path, name as string]);
}

/** Every command that runs something, as it is called. */
export function commandPaths(): string[] {
  if (helpTexts.size === 0) readHelp([]);
  return [...helpTexts].filter(([, text]) => !text.includes("\nCommands:")).map(([name]) => name);
}

/** The examples that help texts end with. */
export function helpExamples(): ShownLine[] {
  return commandPaths().flatMap((name) => {
    const examples = /^Examples?:\n((?:^ {2}.*(?:\n|$))+)/m.exec(
      helpTexts.get(name) as string,
    )?.[1];
    const found = (examples ?? "").replaceAll("\\\n", " ").split("\n");
    return found
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .map((line) => ({ page: `${name} --help`, line }));
  });
}
