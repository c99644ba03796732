import type { CompensationRun } from "../experiments/compensation.js";
import { groupBy } from "../group-by.js";
import { drawCompensation } from "./charts/compensation.js";
import { compensationRows, compensationSettingRows } from "./compensation-table.js";
import { escapeHtml } from "./format.js";
import { page, section, table } from "./page.js";

/** One HTML page of a sweep with everything in it; the same runs give the same page. */
export function renderCompensation(
  runs: readonly CompensationRun[],
  { title }: { title: string },
): string {
  const streams = groupBy(runs, ({ dataset, order }) => `${dataset}, ${order}`);
  return page(title, [
    `<p class="setting">${escapeHtml(
      "Gradient descent with late gradients, without a pipeline. Recovered: the share of the " +
        "cost of staleness, compared with the synchronous run, that is won back; mean over the " +
        "settings where none loses more than two points. Exact recomputes each gradient when it " +
        "is applied.",
    )}</p>`,
    `<div class="scroll">${table(compensationRows(runs))}</div>`,
    ...[...streams].map(([stream, there]) =>
      section(stream, drawCompensation(there), ["Mean over learning rates and seeds."]),
    ),
    section("Every setting", table(compensationSettingRows(runs)), []),
  ]);
}
