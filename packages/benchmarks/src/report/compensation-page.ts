import type { CompensationRun } from "../experiments/compensation.js";
import { groupBy } from "../group-by.js";
import { drawCompensation } from "./charts/compensation.js";
import { compensationRows, compensationSettingRows } from "./compensation-table.js";
import { escapeHtml } from "./format.js";
import { pageStyle } from "./style.js";

/** One HTML page of a sweep with everything in it; the same runs give the same page. */
export function renderCompensation(
  runs: readonly CompensationRun[],
  { title }: { title: string },
): string {
  const streams = groupBy(runs, ({ dataset, order }) => `${dataset}, ${order}`);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${pageStyle}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="setting">${escapeHtml(
      "Gradient descent with late gradients, without a pipeline. Recovered: the share of the " +
        "cost of staleness, compared with the synchronous run, that is won back; mean over the " +
        "settings where none loses more than two points. Exact recomputes each gradient when it " +
        "is applied.",
    )}</p>`,
    `<div class="scroll">${table(compensationRows(runs))}</div>`,
    ...[...streams].map(
      ([stream, there]) =>
        `<section><h2>${escapeHtml(stream)}</h2><div class="scroll">${drawCompensation(there)}</div>` +
        '<p class="note">Mean over learning rates and seeds.</p></section>',
    ),
    `<section><h2>Every setting</h2><div class="scroll">${table(compensationSettingRows(runs))}</div></section>`,
    "</main></body></html>\n",
  ].join("\n");
}

function table([header, ...rows]: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return [
    `<table><thead>${cells(header as readonly string[], "th")}</thead><tbody>`,
    ...rows.map((row) => cells(row, "td")),
    "</tbody></table>",
  ].join("\n");
}
