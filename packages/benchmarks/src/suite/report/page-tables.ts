import { escapeHtml } from "../../report/format.js";
import type { Sheet, SheetCell } from "./sheet.js";

/** A table of the page; its first column stays in sight where the rest is scrolled. */
export function sheetHtml({ corner, columns, blocks }: Sheet): string {
  const head = [corner, ...columns].map((name) => `<th scope="col">${escapeHtml(name)}</th>`);
  const body = blocks.flatMap(({ head: name, rows }) => [
    ...(name === null
      ? []
      : [
          `<tr class="block"><th scope="rowgroup">${breakable(name)}</th>` +
            `<td colspan="${columns.length}"></td></tr>`,
        ]),
    ...rows.map(
      (row) => `<tr><td>${breakable(row.name)}</td>${row.cells.map(cellHtml).join("")}</tr>`,
    ),
  ]);
  return [
    `<table class="sheet"><thead><tr>${head.join("")}</tr></thead><tbody>`,
    ...body,
    "</tbody></table>",
  ].join("\n");
}

/** A name that a narrow screen may break between data and model. */
const breakable = (name: string) => escapeHtml(name).replaceAll("/", "/<wbr>");

function cellHtml({ text, place, isCollapsed, isMissing }: SheetCell): string {
  const names = [
    ...(place === 1 ? ["best"] : place === 2 ? ["second"] : []),
    ...(isMissing ? ["missing"] : []),
  ];
  const marked = names.length > 0 ? ` class="${names.join(" ")}"` : "";
  const flag = isCollapsed ? ' <abbr title="collapsed">†</abbr>' : "";
  const [number, ...error] = text.split(" ± ");
  const small = error.map((each) => ` <small>± ${escapeHtml(each)}</small>`).join("");
  return `<td${marked}>${escapeHtml(number as string)}${small}${flag}</td>`;
}
