import type { PressurePoint } from "../../experiments/pressure.js";
import { groupBy } from "../../group-by.js";
import { estimate } from "../../metrics/statistics.js";
import { colourOf } from "../colours.js";
import { draw, legend, valueAxis } from "./draw.js";

/** Methods may be more than there are colours that all eyes tell apart. */
const dashes = ["solid", "dashed", "dotted"];
const symbols = ["circle", "rect", "triangle"];
/** One of the figures against pressure, mean over seeds, one line per method. */
export function drawPressure(
  points: readonly PressurePoint[],
  { axis, value }: { readonly axis: string; readonly value: (point: PressurePoint) => number },
): string {
  const methods = [...groupBy(points, ({ label }) => label)];
  const uses = new Map<string, number>();
  const series = methods.map(([label, own], place) => {
    const color = colourOf(label, place);
    const use = uses.get(color) ?? 0;
    uses.set(color, use + 1);
    return {
      name: label,
      type: "line",
      symbol: symbols[use % symbols.length],
      // What is drawn later is smaller: points that lie on one another show as rings.
      symbolSize: 12 - (7 * place) / methods.length,
      color,
      lineStyle: { width: 2, type: dashes[use % dashes.length] },
      data: [...groupBy(own, ({ pressure }) => pressure)]
        .map(([pressure, there]) => [pressure, estimate(there.map(value)).mean])
        .sort(([a], [b]) => (a as number) - (b as number)),
    };
  });
  const pressures = points.map(({ pressure }) => pressure);
  const [least, most] = [Math.min(...pressures), Math.max(...pressures)];
  // An axis needs some length.
  const margin = least === most ? 2 : 1;
  return draw(
    {
      grid: { left: 70, right: 30, top: 60, bottom: 50 },
      legend: legend({ data: series.map(({ name }) => name), width: 980 }),
      xAxis: valueAxis("pressure: times faster that items come than one learner takes them", {
        type: "log",
        logBase: 2,
        min: least / margin,
        max: most * margin,
      }),
      yAxis: valueAxis(axis, { min: 0, max: 100, nameGap: 44 }),
      series,
    },
    400,
  );
}
