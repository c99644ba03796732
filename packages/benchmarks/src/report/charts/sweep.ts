import type { SweepPoint } from "@ferret-ocl/planner";
import { palette } from "../colours.js";
import { draw, valueAxis } from "./draw.js";

const mebibyte = 2 ** 20;

/** The progress, or the adaptation rate, that each budget buys. */
export function drawSweep(points: readonly SweepPoint[]): string {
  const isForProgress = points.some(({ progress }) => progress !== undefined);
  const name = isForProgress ? "progress of an item" : "adaptation rate, per ms";
  return draw(
    {
      grid: { left: 80, right: 40, top: 20, bottom: 50 },
      xAxis: valueAxis("memory budget, MiB", { min: 0 }),
      yAxis: valueAxis(name, { min: 0, nameGap: 52 }),
      series: [
        {
          type: "line",
          step: "end",
          symbolSize: 7,
          lineStyle: { width: 2 },
          color: palette.blue,
          data: points.map((point) => [
            point.memoryBudget / mebibyte,
            point.progress ?? point.adaptationRate,
          ]),
        },
      ],
    },
    380,
  );
}
