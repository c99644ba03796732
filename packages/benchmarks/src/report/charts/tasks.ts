import type { AccuracyMatrix } from "../../metrics/accuracy-matrix.js";
import { palette } from "../colours.js";
import { draw, legend, valueAxis } from "./draw.js";

/** What is drawn of one algorithm. */
export interface TaskCurve {
  readonly name: string;
  readonly matrix: AccuracyMatrix;
}

const colours = [
  palette.black,
  palette.blue,
  palette.green,
  palette.orange,
  palette.vermilion,
  palette.purple,
  palette.sky,
];

/** Accuracy on the first task while the others are learned, one line an algorithm. */
export function drawFirstTask(curves: readonly TaskCurve[]): string {
  const series = curves.map(({ name, matrix }, place) => ({
    name,
    type: "line",
    lineStyle: { width: 2 },
    color: colours[place % colours.length],
    data: matrix.map((row, learned) => [learned, row[0] as number]),
  }));
  const last = Math.max(...curves.map(({ matrix }) => matrix.length - 1));
  return draw(
    {
      grid: { left: 70, right: 30, top: 40, bottom: 50 },
      legend: legend({ data: series.map(({ name }) => name), icon: "roundRect", itemHeight: 4 }),
      xAxis: valueAxis("tasks learned", { max: last, minInterval: 1 }),
      yAxis: valueAxis("accuracy on the first task, %", { max: 100, nameGap: 44 }),
      series,
    },
    320,
  );
}
