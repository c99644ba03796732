import { escapeHtml } from "../../report/format.js";
import { footer } from "../../report/html.js";
import { page } from "../../report/page.js";
import type { ReportedPart, SuiteReport } from "./contents.js";
import { memoryFigures, pressureFigures, streamFigures } from "./page-figures.js";
import { sheetHtml } from "./page-tables.js";
import { type Chapter, chaptersOf, marksNote } from "./sheet.js";

/** Tables of a chapter that are open from the start; the others open by a click. */
const openTables = 2;

/**
 * One HTML page of a suite: what was found in words, the headline, charts, tables. No script, nothing to load; the
 * same runs give the same page.
 */
export function renderSuitePage(report: SuiteReport): string {
  const { summary, cautions, absent, parts, records } = report;
  const chapters = chaptersOf(report);
  const chapterOf = (name: string) => chapters.filter((chapter) => chapter.name === name);
  const charts = parts.filter(({ part: { kind } }) => kind !== "table");
  const tables = parts.filter(({ part: { kind } }) => kind === "table");
  return page(
    "Ferret: the paper's tables and figures",
    [
      ...summary.map((sentence) => `<p class="summary">${escapeHtml(sentence)}</p>`),
      ...cautions.map((sentence) => `<p class="warning">${escapeHtml(sentence)}</p>`),
      contentsOf([
        ...chapterOf("headline"),
        ...charts.map(({ part }) => part),
        ...tables.map(({ part }) => part),
      ]),
      ...chapterOf("headline").map((chapter) => section(chapter, sheets(chapter, 1))),
      ...charts.map((reported) => {
        const [chapter] = chapterOf(reported.part.name);
        const below = chapter ? sheets(chapter, 0) : "";
        return section(reported.part, figuresOf(reported, report) + below);
      }),
      ...(tables.length > 0 ? [`<p class="note">${escapeHtml(marksNote)}</p>`] : []),
      ...tables.flatMap(({ part }) =>
        chapterOf(part.name).map((chapter) => section(chapter, sheets(chapter, openTables))),
      ),
      ...(absent.length > 0 ? [without(absent)] : []),
      footer(records),
    ],
    { isBroad: true },
  );
}

function figuresOf({ part, settings }: ReportedPart, report: SuiteReport): string {
  const { results } = report;
  switch (part.kind) {
    case "memory":
      return memoryFigures(report, part, settings);
    case "stream":
      return streamFigures(results, part, settings);
    case "latency":
      return pressureFigures(results, part, settings);
    case "table":
      return "";
  }
}

function sheets({ sheets: all }: Chapter, open: number): string {
  return all
    .map((sheet, place) =>
      [
        `<details${place < open ? " open" : ""}><summary>${escapeHtml(capital(sheet.title))}</summary>`,
        `<div class="scroll">${sheetHtml(sheet)}</div></details>`,
      ].join("\n"),
    )
    .join("\n");
}

/** Of a chapter or a part. */
type Headed = Pick<Chapter, "name" | "title" | "notes">;

function section({ name, title, notes }: Headed, content: string): string {
  const told = notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`);
  return [
    `<section id="${name}"><h2>${escapeHtml(title)}</h2>`,
    ...told,
    content,
    "</section>",
  ].join("\n");
}

const contentsOf = (sections: readonly Headed[]) =>
  `<nav>${sections
    .map(({ name, title }) => `<a href="#${name}">${escapeHtml(title)}</a>`)
    .join("\n")}</nav>`;

const without = (sentences: readonly string[]) =>
  [
    "<section><h2>Settings without data</h2><ul>",
    ...sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`),
    "</ul></section>",
  ].join("\n");

const capital = (text: string) => (text[0] ?? "").toUpperCase() + text.slice(1);
