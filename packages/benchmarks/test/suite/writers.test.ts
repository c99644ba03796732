// The report of a suite in every way that it is written, read back.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleReport } from "../../src/suite/report/assemble.js";
import { renderCsv } from "../../src/suite/report/csv.js";
import { reportData } from "../../src/suite/report/json.js";
import { escapeLatex, renderLatex } from "../../src/suite/report/latex.js";
import { escapeMarkdown, renderMarkdown } from "../../src/suite/report/markdown.js";
import { renderSuitePage } from "../../src/suite/report/page.js";
import { renderText } from "../../src/suite/report/text.js";
import { suiteParts } from "../../src/suite/tables/registry.js";
import { scale, settingNamed, stateOf, suiteRun } from "./runs.js";

const settings = [settingNamed("MNIST/MNISTNet"), settingNamed("Split-MNIST/MNISTNet")];

/** Every run of the quick suite in two settings but one, with figures that differ from run to run. */
const runs = settings.flatMap((setting, world) =>
  suiteParts.flatMap((part) =>
    part.contenders(setting, scale).flatMap(({ variation }, place) =>
      scale.seeds.map((seed) =>
        suiteRun(setting, variation, {
          seed,
          oacc: 40 + place + 3 * seed + 5 * world,
          memory: 1 + place / 4,
          more: {
            pressure: variation.pressure ?? 8,
            collapse: variation.method === "camel" ? { item: 1, window: 1, class: 0 } : null,
          },
        }),
      ),
    ),
  ),
);
const [missing, ...there] = runs;
const report = assembleReport(
  there.filter(({ case: { setting, run } }) => {
    const { setting: other, run: absent } = missing!.case;
    return setting !== other || JSON.stringify(run) !== JSON.stringify(absent);
  }),
  {
    parts: suiteParts,
    states: [
      ...settings.map((each) => stateOf(each)),
      stateOf(settingNamed("SVHN/ConvNet"), false),
    ],
    scale,
    program: "present",
  },
);

/** Fields of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.match(/(?:"(?:[^"]|"")*"|[^"])*?\r\n/g) ?? []) {
    const fields = line.slice(0, -2).match(/(?:^|,)(?:"(?:[^"]|"")*"|[^",]*)/g) ?? [];
    rows.push(
      fields.map((field, place) => {
        const own = place === 0 ? field : field.slice(1);
        return own.startsWith('"') ? own.slice(1, -1).replaceAll('""', '"') : own;
      }),
    );
  }
  return rows;
}

describe("CSV", () => {
  it("has every cell in full precision, in a line of its own", () => {
    const [header, ...lines] = parseCsv(renderCsv(report));
    const rows = lines.map((line) =>
      Object.fromEntries(line.map((field, at) => [header![at], field])),
    );
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([header!.length]));
    const cells = report.parts.flatMap(({ part, tables }) =>
      tables.flatMap(({ blocks }) =>
        blocks.flatMap((block) =>
          block.rows.flatMap((row) =>
            row.cells.flatMap((cell) => (cell ? [{ part: part.name, ...cell }] : [])),
          ),
        ),
      ),
    );
    const told = rows.filter(({ part }) => part !== "headline");
    expect(told.map(({ contender, measure, mean }) => [contender, measure, mean])).toEqual(
      cells.map(({ contender, measure, estimate }) => [
        contender,
        measure.name,
        estimate ? String(estimate.mean) : "",
      ]),
    );
    expect(told.some(({ contender }) => contender === "1-Skip, er")).toBe(true);
    const factors = report.headline.flatMap(({ comparisons }) => comparisons);
    expect(rows.filter(({ part }) => part === "headline").map(({ mean }) => mean)).toEqual(
      factors.map(({ factor }) => (factor === null ? "" : String(factor))),
    );
  });
});

/** What LaTeX makes of a text of these commands, as far as letters go. */
const typeset = (text: string) =>
  text
    .replaceAll("\\textbackslash{}", "\u0001")
    .replaceAll("\\textasciitilde{}", "~")
    .replaceAll("\\textasciicircum{}", "^")
    .replaceAll("\\textless{}", "<")
    .replaceAll("\\textgreater{}", ">")
    .replaceAll("\\textbar{}", "|")
    .replaceAll("$\\pm$", "±")
    .replaceAll("$^\\dagger$", "†")
    .replace(/\\([#$%&_{}])/g, "$1")
    .replaceAll("\u0001", "\\");

describe("LaTeX", () => {
  it("sets every text as it is", () => {
    expect(escapeLatex("50 % & a_b #1 {x} ~^\\ 1 ± 2 †")).toBe(
      "50 \\% \\& a\\_b \\#1 \\{x\\} \\textasciitilde{}\\textasciicircum{}\\textbackslash{} 1 $\\pm$ 2 $^\\dagger$",
    );
    const text = fc.string({ unit: fc.constantFrom(..."ab1 \\~^<>|±†#$%&_{}-.,/") });
    fc.assert(fc.property(text, (any) => typeset(escapeLatex(any)) === any));
  });

  it("has tables whose rows have as many cells as columns, and environments that end", () => {
    const latex = renderLatex(report);
    const tables = latex.match(/\\begin\{tabular\}[\s\S]*?\\end\{tabular\}/g) ?? [];
    expect(tables.length).toBeGreaterThan(30);
    for (const table of tables) {
      const columns = /\{tabular\}\{(l r*|lr*)\}/.exec(table)?.[1]?.length;
      const rows = table.split("\n").filter((line) => line.endsWith("\\\\"));
      expect(rows.length).toBeGreaterThan(1);
      for (const row of rows) expect(row.match(/(?<!\\)&/g)?.length).toBe((columns as number) - 1);
    }
    for (const name of ["table", "tabular"])
      expect(latex.split(`\\begin{${name}}`).length).toBe(latex.split(`\\end{${name}}`).length);
    expect(latex).toContain("\\textbf{");
    expect(latex).toContain("\\underline{");
    const labels = latex.match(/\\label\{[^}]*\}/g) ?? [];
    expect(new Set(labels).size).toBe(labels.length);
    // Not held back by comments: those are whole lines.
    for (const line of latex.split("\n"))
      if (!line.startsWith("%")) expect(line).not.toMatch(/(?<!\\)%/);
  });
});

describe("Markdown", () => {
  it("has rows of as many cells as columns, whatever stands in them", () => {
    const blocks = renderMarkdown(report)
      .split("\n\n")
      .filter((block) => block.includes("| ---"));
    expect(blocks.length).toBeGreaterThan(20);
    for (const block of blocks) {
      const bars = block
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .map((line) => line.match(/(?<!\\)\|/g)?.length);
      expect(new Set(bars).size).toBe(1);
    }
  });

  it("marks best, second, collapsed and missing", () => {
    const markdown = renderMarkdown(report);
    const row = (name: string) =>
      markdown
        .slice(markdown.indexOf("## Table 1"))
        .split("\n")
        .find((line) => line.startsWith(`| ${name} |`));
    // Oracle is first of the list; its run on seed 0 is the one that is missing.
    expect(row("MNIST/MNISTNet")).toBe(
      "| MNIST/MNISTNet | 43.00 (1/2) | 42.50 ± 1.50 | 43.50 ± 1.50 | 44.50 ± 1.50 | 45.50 ± 1.50 † | 46.50 ± 1.50 | " +
        "*47.50 ± 1.50* | **48.50 ± 1.50** |",
    );
  });

  it("escapes what would be a cell, a tag or an emphasis", () => {
    expect(escapeMarkdown("a|b *c* <d> [e] `f` _g_")).toBe(
      "a\\|b \\*c\\* \\<d\\> \\[e\\] \\`f\\` \\_g\\_",
    );
  });
});

describe("the terminal's text and JSON", () => {
  it("fit 80 columns, and have the parts that were asked for", () => {
    const text = renderText(report, ["table1"]);
    const tables = text.split("\n\n").slice(2);
    for (const line of tables.flatMap((part) => part.split("\n").slice(1)))
      if (/ {2}/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain("Table 1: learners of a fast stream");
    expect(text).toContain("Memory for the same accuracy");
    expect(text).not.toContain("Table 3");
    expect(text).toContain("48.50 ± 1.50**");
    expect(text).toContain("1 of ");
  });

  it("tell the same figures as plain data", () => {
    const data = JSON.parse(JSON.stringify(reportData(report, ["table1"])));
    expect(data.scale).toEqual(scale);
    expect(data.headline).toEqual(JSON.parse(JSON.stringify(report.headline)));
    expect(new Set(data.tables.map(({ part }: { part: string }) => part))).toEqual(
      new Set(["table1"]),
    );
    const cells = data.tables[0].cells.filter(
      ({ setting }: { setting: string }) => setting === "MNIST/MNISTNet",
    );
    expect(cells.at(-1)).toEqual({
      setting: "MNIST/MNISTNet",
      contender: "Ferret M+",
      group: null,
      measure: "oacc",
      unit: "%",
      mean: 48.5,
      error: 1.5,
      runs: 2,
      wanted: 2,
      collapsed: 0,
      place: 1,
    });
  });
});

describe("the page", () => {
  const page = renderSuitePage(report);

  it("holds everything: nothing to load, no script", () => {
    expect(page.replaceAll(/ xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/src=|href="(?!#)/);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)/i);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
  });

  it("begins with words, says what Oracle is, and has every chart for each setting and screen", () => {
    const [before] = page.split("<section ");
    expect(before).toContain("an upper bound that no machine can run");
    expect(before).toContain("2 of the paper&#39;s 20 settings");
    expect(before).toMatch(/class="warning">1 of \d+ runs are missing/);
    for (const { name } of settings) expect(page.split(`<figcaption>${name}`)).toHaveLength(1 + 4);
    for (const width of ["wide", "narrow"])
      expect(page.split(`class="${width}" role="img"`)).toHaveLength(1 + 2 * 4);
    expect(page).toContain("Camel collapsed");
    expect(page).toContain("SVHN/ConvNet: svhn is not at hand");
    expect(page).not.toContain("/home/somebody");
  });

  it("is the same for the same runs", () => {
    expect(renderSuitePage(report)).toBe(page);
  });
});
