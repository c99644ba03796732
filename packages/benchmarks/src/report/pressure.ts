import { pressurePoints } from "../experiments/pressure.js";
import type { ResultRecord } from "../record.js";
import { drawPressure } from "./charts/pressure.js";
import { escapeHtml } from "./format.js";
import { footer } from "./html.js";
import { page, section, table } from "./page.js";
import { pressureTables } from "./pressure-table.js";
import { compensationOf } from "./words.js";

const notes: Readonly<Record<string, string>> = {
  "dropped, %": "Share of the items that were predicted but never learned.",
  "online accuracy, %":
    "Every item is scored before it may be learned. ± the standard error over seeds.",
  memory: "The most that a run held, of all seeds. Ferret takes more workers as items come faster.",
};

/**
 * The page of a pressure experiment. The same records give the same page.
 * @param records at least one.
 */
export function renderPressure(records: readonly ResultRecord[]): string {
  const [record] = records as readonly [ResultRecord];
  const points = pressurePoints(records);
  const seeds = new Set(records.map(({ seed }) => seed)).size;
  const setting = [
    `${record.dataset} learned by ${record.model}`,
    `${record.items} items of ${record.batch} in ${record.order} order`,
    `learning rate ${record.learningRate}`,
    `algorithm ${record.algorithm}`,
    ...(records.some(({ plan }) => plan)
      ? [`compensation of the pipeline ${compensationOf(records)}`]
      : []),
    `seeds: ${seeds}`,
  ];
  return page("Learning under pressure", [
    `<p class="setting">${escapeHtml(setting.join(" · "))}</p>`,
    section(
      "What is dropped",
      drawPressure(points, { axis: "dropped, %", value: ({ dropped }) => dropped }),
      [
        "Pressure 1: an item comes whenever one sequential learner has learned another. Oracle learns " +
          "everything, as if no time passed.",
      ],
    ),
    section(
      "What is learned all the same",
      drawPressure(points, { axis: "online accuracy, %", value: ({ oacc }) => oacc }),
      ["Share of correct predictions over the whole stream, mean over seeds."],
    ),
    ...pressureTables(points).map(({ title, rows }) =>
      section(title[0]?.toUpperCase() + title.slice(1), table(rows), [notes[title] as string]),
    ),
    footer(records),
  ]);
}
