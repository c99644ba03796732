import { fitColumns } from "../../report/fit.js";
import type { SuiteReport } from "./contents.js";
import { type Chapter, chaptersOf, type Sheet, type SheetCell } from "./sheet.js";

/**
 * The report for a terminal.
 * @param names parts to print; default: all.
 */
export function renderText(report: SuiteReport, names?: readonly string[]): string {
  const wanted = ({ name }: Chapter) => name === "headline" || (names?.includes(name) ?? true);
  const chapters = chaptersOf(report).filter(wanted);
  return [
    report.summary.join("\n"),
    ...(report.cautions.length > 0 ? [report.cautions.join("\n")] : []),
    ...(chapters.length > 0
      ? ["** best and * second of a row, † collapsed, (2/3) two of three runs are there"]
      : []),
    ...chapters.map(({ title, notes, sheets }) =>
      [[underlined(title), ...notes].join("\n"), ...sheets.map(table)].join("\n\n"),
    ),
    ...(report.absent.length > 0 ? [report.absent.join("\n")] : []),
  ].join("\n\n");
}

const underlined = (title: string) => `${title}\n${"=".repeat(title.length)}`;

/** Each block under its head, as wide as a terminal. */
function table({ title, corner, columns, blocks }: Sheet): string {
  const isMarked = blocks.some(({ rows }) =>
    rows.some(({ cells }) => cells.some(({ place }) => place !== null)),
  );
  return blocks
    .map(({ head, rows }) => {
      const heading = head === null ? title : `${title}, ${head}`;
      const lines = [
        [corner, ...columns.map((column) => (isMarked ? `${column}  ` : column))],
        ...rows.map(({ name, cells }) => [name, ...cells.map((cell) => marked(cell, isMarked))]),
      ];
      return `${heading}\n${fitColumns(lines)}`;
    })
    .join("\n\n");
}

/** Marks stand behind the number, and numbers without one as far to the left as if they had one. */
function marked({ text, place, isCollapsed }: SheetCell, isMarked: boolean): string {
  const stars = place === null ? "" : "*".repeat(3 - place);
  return `${text}${isCollapsed ? " †" : ""}${isMarked ? stars.padEnd(2) : ""}`;
}
