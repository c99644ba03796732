import { join } from "node:path";
import { writeWhole } from "../../files.js";
import { expectPlain } from "../../folders.js";
import type { SuiteReport } from "./contents.js";
import { renderCsv } from "./csv.js";
import { renderLatex } from "./latex.js";
import { renderMarkdown } from "./markdown.js";
import { renderSuitePage } from "./page.js";

/** The page of a suite in its folder. */
const pageFile = "report.html";

const writers = {
  "tables.md": renderMarkdown,
  "tables.csv": renderCsv,
  "tables.tex": renderLatex,
} as const;

/** @throws InputError where something else than a file is in the place of one that will be written. */
export function expectReportFiles(folder: string): void {
  for (const file of Object.keys(writers)) expectPlain(join(folder, file), "--out");
}

/**
 * Writes the page, and the tables beside it as Markdown, CSV and LaTeX, each whole or not at all.
 * @throws InputError where one of them cannot be written.
 */
export function writeSuiteReport(
  report: SuiteReport,
  folder: string,
  page = join(folder, pageFile),
): void {
  writeWhole(page, renderSuitePage(report));
  for (const [file, render] of Object.entries(writers))
    writeWhole(join(folder, file), render(report));
}
