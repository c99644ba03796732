import { draw, valueAxis } from "../../../report/charts/draw.js";
import { rangeAround } from "./axis.js";
import { lineOf } from "./key.js";
import type { ChartSize } from "./size.js";

/** A learner's line. */
export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface LineAxes {
  readonly x: string;
  readonly y: string;
  /** Whether x doubles from one tick to the next, and points are marked. */
  readonly isDoubling: boolean;
  /** Bounds that no value passes. */
  readonly bounds: { readonly least?: number; readonly most?: number };
}

/**
 * One line a learner; which is whose says `lineKey`.
 * @param lines some with points, in the order of the key.
 */
export function drawLines(
  lines: readonly Line[],
  { x, y, isDoubling, bounds }: LineAxes,
  { width, height, grid }: ChartSize,
): string {
  const all = lines.flatMap(({ points }) => points);
  const across = all.map(([value]) => value);
  const [first, last] = [Math.min(...across), Math.max(...across)];
  // An axis needs some length.
  const margin = first === last ? 2 : 1;
  const doubling = { type: "log", logBase: 2, min: first / margin, max: last * margin };
  return draw(
    {
      grid,
      xAxis: valueAxis(x, { nameGap: 28, ...(isDoubling ? doubling : { max: last }) }),
      yAxis: valueAxis(y, {
        nameGap: grid.left - 16,
        ...rangeAround(
          all.map(([, value]) => value),
          bounds,
        ),
      }),
      series: lines.map(({ label, points }, place) => {
        const { colour, isDashed } = lineOf(label, place);
        return {
          name: label,
          type: "line",
          showSymbol: isDoubling,
          symbol: "circle",
          // What is drawn later is smaller: points that lie on one another show as rings.
          symbolSize: 13 - (8 * place) / lines.length,
          color: colour,
          lineStyle: { width: 2, type: isDashed ? "dashed" : "solid" },
          data: points,
        };
      }),
    },
    height,
    width,
  );
}
