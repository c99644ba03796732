import { escapeHtml } from "./format.js";
import { pageStyle } from "./style.js";

/**
 * One HTML page with everything in it: no script, nothing to load.
 * @param isBroad whether it has something to show beside each other on a broad screen.
 */
export function page(
  title: string,
  parts: readonly string[],
  { isBroad = false }: { readonly isBroad?: boolean } = {},
): string {
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${pageStyle}</style></head><body><main${isBroad ? ' class="broad"' : ""}>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...parts,
    "</main></body></html>\n",
  ].join("\n");
}

/** A headed part with notes below it; nothing where there is no content. */
export function section(title: string, content: string | null, notes: readonly string[]): string {
  if (content === null) return "";
  return [
    `<section><h2>${escapeHtml(title)}</h2>`,
    `<div class="scroll">${content}</div>`,
    ...notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
    "</section>",
  ].join("\n");
}

/** A table whose first row names the columns. */
export function table([header, ...rows]: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return [
    `<table><thead>${cells(header as readonly string[], "th")}</thead><tbody>`,
    ...rows.map((row) => cells(row, "td")),
    "</tbody></table>",
  ].join("\n");
}
