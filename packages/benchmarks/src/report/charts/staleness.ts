import { addCounts, countTotal } from "../../metrics/histogram.js";
import { shade } from "../colours.js";
import type { Group } from "../groups.js";
import { draw, legend, textColour, valueAxis } from "./draw.js";

/**
 * How stale the applied gradients were, one bar per learner and stage; null without any pipeline.
 */
export function drawStaleness(groups: readonly Group[]): string | null {
  const rows = groups
    .filter(({ records }) => records[0]?.plan)
    .flatMap(({ label, records }) =>
      (records[0]?.staleness ?? []).map(({ stage }) => ({
        name: `${label}, stage ${stage}`,
        counts: addCounts(records.map((record) => record.staleness[stage]?.histogram ?? [])),
      })),
    )
    .filter(({ counts }) => countTotal(counts) > 0)
    .reverse();
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map(({ counts }) => counts.length));
  const values = Array.from({ length: most }, (_, value) => value);
  return draw(
    {
      grid: { left: 150, right: 40, top: 44, bottom: 50 },
      legend: legend({ left: 150, itemGap: 12, data: values.map(String) }),
      xAxis: valueAxis("share of the gradients, %", { max: 100 }),
      yAxis: {
        type: "category",
        data: rows.map(({ name }) => name),
        axisLabel: { color: textColour, fontSize: 12 },
        axisTick: { show: false },
      },
      series: values.map((value) => ({
        name: String(value),
        type: "bar",
        stack: "staleness",
        barWidth: 16,
        color: shade(value, most),
        data: rows.map(({ counts }) => (100 * (counts[value] ?? 0)) / countTotal(counts)),
      })),
    },
    110 + 28 * rows.length,
  );
}
