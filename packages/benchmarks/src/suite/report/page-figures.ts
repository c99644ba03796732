import { groupBy } from "../../group-by.js";
import { estimate } from "../../metrics/statistics.js";
import type { ResultRecord } from "../../record.js";
import { meanCurve } from "../../report/charts/accuracy.js";
import { escapeHtml } from "../../report/format.js";
import type { SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { Contender, SuitePart } from "../tables/contract.js";
import { ferrets } from "../tables/learners.js";
import { schedules } from "../tables/schedules.js";
import { drawFront, type FrontPoint } from "./charts/front.js";
import { lineKey } from "./charts/key.js";
import { drawLines, type Line, type LineAxes } from "./charts/lines.js";
import { figure, figures } from "./charts/size.js";
import type { SuiteReport } from "./contents.js";
import { pressureOf } from "./tables.js";

const mebibyte = 2 ** 20;

/** Memory against accuracy in each setting, with Ferret's front line. */
export function memoryFigures(
  { results, headline }: Pick<SuiteReport, "results" | "headline">,
  part: SuitePart,
  settings: readonly SuiteSetting[],
): string {
  const marks =
    "Circles: Ferret under its budgets; the line is the best that it reaches with as much memory or less, and hollow " +
    "circles lie below it. Diamonds: pipeline schedules. Squares: learners without a pipeline. Bars: standard errors " +
    "over seeds. Dotted: the largest factor between a schedule's memory and Ferret's at equal accuracy.";
  const charts = figures(
    settings.flatMap((setting) => {
      const named = ferrets.filter((one) => results.recordsOf(setting, one).length > 0);
      const all = [...named, ...part.contenders(setting, results.scale)];
      const runs = new Map<string, Contender>();
      // The named budgets are among the others, or beside them.
      for (const one of all) {
        const [first] = results.runsOf(setting, one);
        const key = first ? JSON.stringify(first.case.run) + first.case.budgetShare : "";
        if (first && !runs.has(key)) runs.set(key, one);
      }
      const points = [...runs.values()].map((one) => pointOf(results, setting, one));
      if (points.length === 0) return [];
      const largest = headline.find((each) => each.setting === setting.name)?.largest;
      const saving = largest?.ferret
        ? {
            from: largest.memory / mebibyte,
            to: largest.ferret.memory / mebibyte,
            oacc: largest.oacc,
          }
        : null;
      return [figure(setting.name, "", (size) => drawFront(points, saving, size))];
    }),
  );
  return `<p class="note">${escapeHtml(marks)}</p>${charts}`;
}

function pointOf(results: SuiteResults, setting: SuiteSetting, one: Contender): FrontPoint {
  const records = results.recordsOf(setting, one);
  const { mean, error } = estimate(records.map(({ oacc }) => oacc));
  const isFerret = one.variation.method === "ferret";
  return {
    label: isFerret && !ferrets.includes(one) ? "" : one.label,
    kind: isFerret
      ? "ferret"
      : schedules.some(({ label }) => label === one.label)
        ? "schedule"
        : "other",
    memory: Math.max(...records.map(({ memory: { peak } }) => peak)) / mebibyte,
    oacc: mean,
    error,
    isCollapsed: records.some(({ collapse }) => collapse !== null),
  };
}

/** Accuracy along the stream of each setting. */
export function streamFigures(
  results: SuiteResults,
  part: SuitePart,
  settings: readonly SuiteSetting[],
): string {
  return lineFigures(settings, (setting) =>
    part.contenders(setting, results.scale).map((one) => {
      const records = results.recordsOf(setting, one);
      return {
        label: one.label,
        points: records.length > 0 ? meanCurve(records) : [],
        collapsed: collapsedOf(records),
      };
    }),
  )({
    x: "items of the stream",
    y: "accuracy, %",
    isDoubling: false,
    bounds: { least: 0, most: 100 },
  });
}

/** Latency and drops against pressure in each setting. */
export function pressureFigures(
  results: SuiteResults,
  part: SuitePart,
  settings: readonly SuiteSetting[],
): string {
  const against = (value: (record: ResultRecord) => number | null) =>
    lineFigures(settings, (setting) => {
      const learners = groupBy(
        part.contenders(setting, results.scale),
        ({ group, label }) => group ?? label,
      );
      return [...learners].map(([label, own]) => {
        const there = own.map((one) => ({
          pressure: pressureOf(one, setting),
          records: results.recordsOf(setting, one),
        }));
        return {
          label,
          points: there.flatMap(({ pressure, records }): [number, number][] => {
            const values = records.flatMap((record) => value(record) ?? []);
            return values.length > 0 ? [[pressure, estimate(values).mean]] : [];
          }),
          collapsed: collapsedOf(there.flatMap(({ records }) => records)),
        };
      });
    });
  const x = "pressure";
  return [
    "<h3>Latency of half of the items, at most</h3>",
    against(({ latency }) => latency?.p50 ?? null)({
      ...{ x, y: "latency, ms", isDoubling: true, bounds: { least: 0 } },
    }),
    "<h3>Items dropped</h3>",
    against(({ dropped, items }) => (100 * dropped) / Math.max(1, items))({
      ...{ x, y: "dropped, %", isDoubling: true, bounds: { least: 0, most: 100 } },
    }),
  ].join("\n");
}

interface ToldLine extends Line {
  /** Runs in which the learner collapsed. */
  readonly collapsed: number;
}

/** A chart a setting that has points, and one key for all of them. */
const lineFigures =
  (settings: readonly SuiteSetting[], linesOf: (setting: SuiteSetting) => readonly ToldLine[]) =>
  (axes: LineAxes): string => {
    const charts = settings
      .map((setting) => ({ setting, lines: linesOf(setting) }))
      .filter(({ lines }) => lines.some(({ points }) => points.length > 0));
    const labels = [...new Set(charts.flatMap(({ lines }) => lines.map(({ label }) => label)))];
    const drawn = charts.map(({ setting, lines }) => {
      const collapsed = lines.filter((line) => line.collapsed > 0).map(({ label }) => label);
      const caution = collapsed.length === 0 ? "" : `† ${collapsed.join(", ")} collapsed`;
      return figure(setting.name, caution, (size) => drawLines(lines, axes, size));
    });
    return lineKey(labels) + figures(drawn);
  };

const collapsedOf = (records: readonly ResultRecord[]) =>
  records.filter(({ collapse }) => collapse !== null).length;
