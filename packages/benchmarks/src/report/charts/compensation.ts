import type { CompensationRun } from "../../experiments/compensation.js";
import { groupBy } from "../../group-by.js";
import { estimate } from "../../metrics/statistics.js";
import { palette } from "../colours.js";
import { draw, legend, valueAxis } from "./draw.js";

/** The two that enclose all others, and ours. */
const marked: Readonly<Record<string, { color: string; type: string; width: number }>> = {
  exact: { color: palette.black, type: "dashed", width: 2 },
  none: { color: palette.grey, type: "dashed", width: 2 },
  secant: { color: palette.blue, type: "solid", width: 3 },
};
const colours = [
  palette.vermilion,
  palette.orange,
  palette.green,
  palette.purple,
  palette.sky,
  palette.yellow,
];
const dashes = ["solid", "dotted"];

/** Online accuracy against staleness, mean over learning rates and seeds; one line per method. */
export function drawCompensation(runs: readonly CompensationRun[]): string {
  const synchronous = runs.filter(({ staleness }) => staleness === 0);
  const late = runs.filter(({ staleness }) => staleness > 0);
  const mean = (some: readonly CompensationRun[]) => estimate(some.map(({ oacc }) => oacc)).mean;
  let place = 0;
  const series = [...groupBy(late, ({ method }) => method)].map(([method, there]) => {
    const points = [...groupBy(there, ({ staleness }) => staleness)]
      .map(([staleness, each]) => [staleness, mean(each)])
      .sort(([a], [b]) => (a as number) - (b as number));
    const style = marked[method] ?? {
      color: colours[place % colours.length],
      type: dashes[Math.floor(place / colours.length) % dashes.length],
      width: 1.5,
    };
    if (!marked[method]) place++;
    return {
      name: method,
      type: "line",
      symbolSize: 5,
      color: style.color,
      lineStyle: { type: style.type, width: style.width },
      data: [...(synchronous.length > 0 ? [[0, mean(synchronous)]] : []), ...points],
    };
  });
  return draw(
    {
      grid: { left: 70, right: 30, top: 60, bottom: 50 },
      legend: legend({ data: series.map(({ name }) => name), itemHeight: 4 }),
      xAxis: valueAxis("staleness, updates"),
      yAxis: valueAxis("online accuracy, %", { scale: true, nameGap: 44 }),
      series,
    },
    400,
  );
}
