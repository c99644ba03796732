import { writeWhole } from "../files.js";
import type { ResultRecord } from "../record.js";
import { drawAccuracy } from "./charts/accuracy.js";
import { drawMemoryAccuracy } from "./charts/memory-accuracy.js";
import { drawMemoryCategories } from "./charts/memory-categories.js";
import { drawStaleness } from "./charts/staleness.js";
import { drawTimeline } from "./charts/timeline.js";
import { escapeHtml } from "./format.js";
import { type Group, groupByLabel } from "./groups.js";
import { page, section, table } from "./page.js";
import { stageRows } from "./stages-table.js";
import { tableRows } from "./table.js";
import {
  describeLateness,
  describeResult,
  describeSetting,
  describeWorkers,
  warnings,
} from "./words.js";

/**
 * One HTML page with everything in it: no script, nothing to load. The same records give the
 * same page.
 * @param records at least one; those of one label are runs of one learner over seeds.
 */
export function renderReport(
  records: readonly ResultRecord[],
  { title }: { title: string },
): string {
  const groups = groupByLabel(records);
  const stages = stageRows(groups);
  const sections = [
    section("Results", table(tableRows(records)), [
      "Accuracies in percentage points, ± the standard error over seeds. Online accuracy " +
        "scores every item before it may be learned. Planned is what the plan promised, measured " +
        "the most that the run held. agm is the accuracy gained over 1-Skip, minus the natural " +
        "logarithm of the memory ratio.",
      "Kappa: 0 for a learner no better than chance with the same shares of classes, 1 for a " +
        "perfect one. Kappa-temporal: the same against the no-change rule, which always predicts " +
        "the previous label. The majority rule always predicts the most frequent label so far. " +
        "Both rules ignore the input and know each label before the next sample comes.",
    ]),
    section("Accuracy over the stream", drawAccuracy(groups), [
      `Mean over the last ${records[0]?.curve.window} items. A learner that keeps up with the stream rises early.`,
    ]),
    section("Memory against accuracy", drawMemoryAccuracy(groups), [
      "Up is more accurate, left is smaller. Bars are standard errors over seeds.",
    ]),
    section("What the memory is made of", drawMemoryCategories(groups), [
      "Bytes at the peak, by what they are for. Versions are weights that items in flight " +
        "still need.",
    ]),
    ...timelines(groups),
    section("Staleness", drawStaleness(groups), [
      "Updates to a stage between the weights a gradient came from and those it is applied to; " +
        "0 is fresh. Later stages see fresher gradients.",
    ]),
    section("Learning by stage", stages && table(stages), [
      "Gradients that each stage applied, and updates made of them. Fewer gradients than items: " +
        "backward passes that the plan omits, or several items in one gradient. Fewer updates than " +
        "gradients: they are gathered.",
    ]),
    section("Plans", plans(groups), []),
  ];
  return page(title, [
    `<p class="result">${escapeHtml(describeResult(groups))}</p>`,
    `<p class="setting">${escapeHtml(describeSetting(records))}</p>`,
    ...warnings(records).map((sentence) => `<p class="warning">${escapeHtml(sentence)}</p>`),
    ...sections,
    footer(records),
  ]);
}

/** The page of any records, at least one, named after what they have learned. */
export function renderRecords(records: readonly ResultRecord[]): string {
  const settings = [...new Set(records.map(({ setting }) => setting))];
  return renderReport(records, { title: `Ferret on ${settings.join(", ")}` });
}

/** @throws InputError where the file cannot be written. */
export function writeReport(file: string, html: string): void {
  writeWhole(file, html);
}

/** The pipeline of every planned learner, the one with the most workers first. */
function timelines(groups: readonly Group[]): string[] {
  return groups.flatMap(({ label, records }) => {
    const drawing = drawTimeline(records[0] as ResultRecord);
    if (drawing === null) return [];
    return section(`Pipeline of ${label}`, drawing, [
      "One row per device; blue: forward, orange: backward (with recomputation where the plan " +
        "has it), yellow: postponed weight gradients, numbers: items, thin bars: updates. In " +
        "the first row a dot is an item taken in, and a cross is one that was dropped.",
    ]);
  });
}

function plans(groups: readonly Group[]): string {
  const items = groups.map(({ label, records }) => {
    const words = escapeHtml(
      describeWorkers(records[0] as ResultRecord) + describeLateness(latest(records)),
    );
    return `<li><b>${escapeHtml(label)}</b>: ${words}</li>`;
  });
  return `<ul>${items.join("\n")}</ul>`;
}

/** Of the runs of a learner the one whose items came latest. */
function latest(records: readonly ResultRecord[]): ResultRecord {
  const lateness = ({ threads }: ResultRecord) => threads?.mostLate ?? 0;
  return records.reduce((late, record) => (lateness(record) > lateness(late) ? record : late));
}

export function footer(records: readonly ResultRecord[]): string {
  const each = (words: (record: ResultRecord) => string[]) =>
    [...new Set(records.flatMap(words))].join(" or ");
  const parts = [
    each(({ runtime, timing, environment }) => [
      `runtime ${runtime}, kernels ${environment.kernels}, clock from ${timing} times`,
    ]),
    each(({ environment: { cpu, platform, node } }) => [`${cpu}, ${platform}, Node ${node}`]),
    each(({ gitRevision }) => (gitRevision ? [`revision ${gitRevision.slice(0, 12)}`] : [])),
  ].filter((part) => part !== "");
  return `<footer>${escapeHtml(parts.join(" · "))}</footer>`;
}
