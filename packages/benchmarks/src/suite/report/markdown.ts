import type { SuiteReport } from "./contents.js";
import { chaptersOf, marksNote, type Sheet, type SheetCell } from "./sheet.js";

/** The report as Markdown, tables with pipes: best in bold, second in italics. */
export function renderMarkdown(report: SuiteReport): string {
  const chapters = chaptersOf(report).map(({ title, notes, sheets }) =>
    [`## ${escapeMarkdown(title)}`, paragraph(notes), ...sheets.map(table)].join("\n\n"),
  );
  return `${[
    "# The paper's tables and figures",
    paragraph(report.summary),
    ...(report.cautions.length > 0 ? [list(report.cautions)] : []),
    paragraph([marksNote]),
    ...chapters,
    ...(report.absent.length > 0 ? ["## Settings without data", list(report.absent)] : []),
  ].join("\n\n")}\n`;
}

function table({ title, corner, columns, blocks }: Sheet): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = blocks.flatMap(({ head, rows }) => [
    ...(head === null ? [] : [line([`**${escapeMarkdown(head)}**`, ...columns.map(() => "")])]),
    ...rows.map(({ name, cells }) => line([escapeMarkdown(name), ...cells.map(marked)])),
  ]);
  return [
    `**${escapeMarkdown(title[0]?.toUpperCase() + title.slice(1))}**\n`,
    line([corner, ...columns].map(escapeMarkdown)),
    line(["---", ...columns.map(() => "---:")]),
    ...body,
  ].join("\n");
}

function marked({ text, place, isCollapsed }: SheetCell): string {
  const full = escapeMarkdown(isCollapsed ? `${text} †` : text);
  if (place === 1) return `**${full}**`;
  return place === 2 ? `*${full}*` : full;
}

const paragraph = (sentences: readonly string[]) => sentences.map(escapeMarkdown).join(" ");
const list = (sentences: readonly string[]) =>
  sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`).join("\n");

/** Text that shows as it is: nothing of it makes a cell, an emphasis, a link or a tag. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, "\\$&");
}
