import { memoryCategories } from "@ferret-ocl/pipeline/engine";
import { palette } from "../colours.js";
import type { Group } from "../groups.js";
import { draw, legend, textColour, valueAxis } from "./draw.js";

const mebibyte = 2 ** 20;
const colours: Readonly<Record<string, string>> = {
  parameters: palette.blue,
  versions: palette.sky,
  accumulators: palette.green,
  activations: palette.orange,
  boundaries: palette.yellow,
  scratch: palette.grey,
  optimiser: palette.black,
  compensation: palette.purple,
  replay: palette.vermilion,
  algorithm: "#7a5230",
  queue: "#c8c8c8",
};

/** What each learner's memory is made of at its peak, one bar per learner. */
export function drawMemoryCategories(groups: readonly Group[]): string {
  const rows = [...groups].reverse();
  const used = memoryCategories.filter((category) =>
    rows.some(({ records }) => (records[0]?.memory.byCategory[category] ?? 0) > 0),
  );
  return draw(
    {
      grid: { left: 100, right: 60, top: 60, bottom: 50 },
      legend: legend({ data: used, left: 100, width: 900, itemGap: 14 }),
      xAxis: valueAxis("peak memory, MiB"),
      yAxis: {
        type: "category",
        data: rows.map(({ label }) => label),
        axisLabel: { color: textColour, fontSize: 13 },
        axisTick: { show: false },
      },
      series: used.map((category) => ({
        name: category,
        type: "bar",
        stack: "memory",
        barWidth: 24,
        color: colours[category],
        data: rows.map(({ records }) => (records[0]?.memory.byCategory[category] ?? 0) / mebibyte),
      })),
    },
    130 + 44 * rows.length,
  );
}
