import { estimate } from "../../metrics/statistics.js";
import type { ResultRecord } from "../../record.js";
import { colourOf } from "../colours.js";
import type { Group } from "../groups.js";
import { draw, legend, valueAxis } from "./draw.js";

/** Accuracy of the last few items while the stream goes on, one line per learner. */
export function drawAccuracy(groups: readonly Group[]): string {
  const series = groups.map(({ label, records }, place) => ({
    name: label,
    type: "line",
    showSymbol: false,
    lineStyle: { width: 2, type: label === "Oracle" ? "dashed" : "solid" },
    color: colourOf(label, place),
    data: meanCurve(records),
  }));
  const last = Math.max(...groups.flatMap(({ records }) => records.map(({ items }) => items)));
  return draw(
    {
      grid: { left: 70, right: 30, top: 40, bottom: 50 },
      legend: legend({ data: series.map(({ name }) => name), icon: "roundRect", itemHeight: 4 }),
      xAxis: valueAxis("items of the stream", { max: last }),
      yAxis: valueAxis("accuracy, %", { max: 100, nameGap: 44 }),
      series,
    },
    380,
  );
}

/** Points [items, mean windowed accuracy over the runs, percentage points], of at least one run. */
export function meanCurve(records: readonly ResultRecord[]): [number, number][] {
  const shortest = records.reduce((least, record) =>
    record.curve.items.length < least.curve.items.length ? record : least,
  );
  return shortest.curve.items.map((items, point) => [
    items,
    estimate(records.map(({ curve }) => curve.windowed[point] as number)).mean,
  ]);
}
