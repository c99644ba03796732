import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import { groupBy } from "../../../group-by.js";
import { draw, font, textColour, valueAxis } from "../../../report/charts/draw.js";
import { palette } from "../../../report/colours.js";
import { logTicks, rangeAround } from "./axis.js";
import { type Anchor, around, type Box, type PlacedLabel, placeLabels } from "./place-labels.js";
import type { ChartSize } from "./size.js";

/** What a learner reaches with its memory. */
export interface FrontPoint {
  /** Empty: without a label. */
  readonly label: string;
  readonly kind: "ferret" | "schedule" | "other";
  /** MiB. */
  readonly memory: number;
  /** Mean over seeds, percentage points, and its standard error. */
  readonly oacc: number;
  readonly error: number | null;
  readonly isCollapsed: boolean;
}

/** A schedule's memory, and the least of Ferret for the same accuracy; MiB. */
export interface Saving {
  readonly from: number;
  readonly to: number;
  readonly oacc: number;
}

const fontSize = 12;
const colours = {
  ferret: palette.blue,
  schedule: palette.vermilion,
  other: palette.black,
} as const;
const symbols = { ferret: "circle", schedule: "diamond", other: "rect" } as const;
/** MiB of an axis around a single memory. */
const room = 1.18;

/** Those that no other one beats with as little memory, by memory. */
export function frontOf<Point extends Pick<FrontPoint, "memory" | "oacc">>(
  points: readonly Point[],
): Point[] {
  const sorted = [...points].sort(
    (left, right) => left.memory - right.memory || right.oacc - left.oacc,
  );
  let best = Number.NEGATIVE_INFINITY;
  return sorted.filter(({ oacc }) => {
    if (oacc <= best) return false;
    best = oacc;
    return true;
  });
}

/**
 * Online accuracy by memory, on a logarithmic axis: equal distances are equal factors. Ferret's front line is what it
 * reaches with as much memory or less, in steps, since nothing was measured in between:
 *
 * ```
 *              +-------o------     o Ferret
 *       +------o    x              x a schedule below the line: Ferret needs less memory
 *   o---+   x
 * ```
 * @param saving drawn as a line from the schedule to Ferret's memory, with its factor.
 */
export function drawFront(
  points: readonly FrontPoint[],
  saving: Saving | null,
  size: ChartSize,
): string {
  const { width, height, grid } = size;
  const memories = points.map(({ memory }) => memory);
  const [least, most] = [Math.min(...memories) / room, Math.max(...memories) * room];
  const ticks = logTicks(least, most);
  const accuracies = points.flatMap(({ oacc, error }) => [
    oacc - (error ?? 0),
    oacc + (error ?? 0),
  ]);
  const range = rangeAround(accuracies, { least: 0, most: 100 });
  const plot = {
    left: grid.left,
    top: grid.top,
    right: width - grid.right,
    bottom: height - grid.bottom,
  };
  const across = (memory: number) =>
    plot.left + ((plot.right - plot.left) * Math.log(memory / least)) / Math.log(most / least);
  const down = (oacc: number) =>
    plot.bottom - ((plot.bottom - plot.top) * (oacc - range.min)) / (range.max - range.min);

  const front = frontOf(points.filter(({ kind }) => kind === "ferret"));
  const last = front.at(-1);
  const line = [
    ...front.map(({ memory, oacc }) => [Math.log2(memory), oacc]),
    ...(last ? [[Math.log2(most), last.oacc]] : []),
  ];
  const labels = placeLabels(
    [...anchorsOf(points, across, down), ...savingAnchors(saving, across, down)],
    [
      ...obstaclesOf(points, front, across, down, plot.right),
      ...(saving
        ? [barAt(across(saving.to), down(saving.oacc), across(saving.from), down(saving.oacc))]
        : []),
    ],
    plot,
    fontSize,
  );
  const isOnFront = ({ kind, memory, oacc }: FrontPoint) =>
    kind !== "ferret" || front.some((each) => each.memory === memory && each.oacc === oacc);
  return draw(
    {
      grid,
      xAxis: valueAxis("peak memory, MiB", {
        nameGap: 28,
        min: Math.log2(least),
        max: Math.log2(most),
        axisLabel: {
          color: textColour,
          fontSize,
          customValues: ticks.map(Math.log2),
          formatter: (value: number) => String(Number((2 ** value).toPrecision(3))),
        },
        axisTick: { customValues: ticks.map(Math.log2) },
        splitLine: { show: false },
      }),
      yAxis: valueAxis("online accuracy, %", {
        nameGap: grid.left - 16,
        axisLine: { show: true, onZero: false, lineStyle: { color: textColour } },
        ...range,
      }),
      series: [
        {
          type: "line",
          step: "end",
          showSymbol: false,
          silent: true,
          color: colours.ferret,
          lineStyle: { width: 2.5 },
          data: line,
        },
        {
          type: "line",
          silent: true,
          symbol: ["none", "none"],
          showSymbol: false,
          color: textColour,
          lineStyle: { width: 1.5, type: "dotted" },
          data: saving
            ? [saving.to, saving.from].map((memory) => [Math.log2(memory), saving.oacc])
            : [],
        },
        {
          type: "custom",
          silent: true,
          encode: { x: 0, y: [1, 2] },
          data: points.flatMap(({ memory, oacc, error }) =>
            error === null ? [] : [[Math.log2(memory), oacc - error, oacc + error]],
          ),
          renderItem: errorBar,
        },
        {
          type: "scatter",
          data: points.map((point) => ({
            value: [Math.log2(point.memory), point.oacc],
            symbol: symbols[point.kind],
            symbolSize: point.kind === "schedule" ? 12 : 10,
            itemStyle: {
              opacity: 1,
              color: isOnFront(point) ? colours[point.kind] : "#fff",
              borderColor: isOnFront(point) ? "#fff" : colours[point.kind],
              borderWidth: isOnFront(point) ? 1 : 1.5,
            },
          })),
        },
        {
          type: "custom",
          silent: true,
          data: labels.map((_, index) => [Math.log2(least), range.min, index]),
          renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
            const label = labels[api.value(2) as number] as (typeof labels)[number];
            return drawLabel(label);
          },
        },
      ],
    },
    height,
    width,
  );
}

/** Points that lie on one another have one label. */
function anchorsOf(
  points: readonly FrontPoint[],
  across: (memory: number) => number,
  down: (oacc: number) => number,
): Anchor[] {
  const places = groupBy(
    points.filter(({ label }) => label !== ""),
    ({ memory, oacc }) => `${Math.round(across(memory) / 3)} ${Math.round(down(oacc) / 3)}`,
  );
  return [...places.values()].map((own) => {
    const [{ memory, oacc }] = own as [FrontPoint, ...FrontPoint[]];
    return {
      x: across(memory),
      y: down(oacc),
      text: joined(own.map(({ label, isCollapsed }) => (isCollapsed ? `${label} †` : label))),
    };
  });
}

/** `Hanayo 1W, 2W` of `Hanayo 1W` and `Hanayo 2W`. */
export function joined(labels: readonly string[]): string {
  const first = (label: string) => label.split(" ")[0] as string;
  return labels
    .map((label, place) => {
      const before = labels[place - 1];
      return before !== undefined && first(before) === first(label) && label.includes(" ")
        ? label.slice(first(label).length + 1)
        : label;
    })
    .join(", ");
}

/** The factor stands beside the middle of its line. */
function savingAnchors(
  saving: Saving | null,
  across: (memory: number) => number,
  down: (oacc: number) => number,
): Anchor[] {
  if (!saving) return [];
  const { from, to, oacc } = saving;
  const middle = (across(from) + across(to)) / 2;
  return [{ x: middle, y: down(oacc), text: `${(from / to).toFixed(2)} ×` }];
}

/** Marks of points, their error bars, and the steps of the line. */
function obstaclesOf(
  points: readonly FrontPoint[],
  front: readonly FrontPoint[],
  across: (memory: number) => number,
  down: (oacc: number) => number,
  end: number,
): Box[] {
  const steps = front.flatMap(({ memory, oacc }, place) => {
    const next = front[place + 1];
    const [x, y] = [across(memory), down(oacc)];
    if (!next) return [barAt(x, y, end, y)];
    const right = across(next.memory);
    return [barAt(x, y, right, y), barAt(right, down(next.oacc), right, y)];
  });
  const marks = points.flatMap(({ memory, oacc, error }) => {
    const x = across(memory);
    const spread = error ?? 0;
    return [around(x, down(oacc), 6), barAt(x, down(oacc + spread), x, down(oacc - spread))];
  });
  return [...marks, ...steps];
}

/** A horizontal or vertical line, as wide as it is drawn. */
const barAt = (left: number, top: number, right: number, bottom: number): Box => ({
  left: left - 2,
  top: top - 2,
  right: right + 2,
  bottom: bottom + 2,
});

/** Beside its point, so that the end that is near to it is where it should be, however wide letters are. */
function drawLabel({ x, y, text, box, isFar }: PlacedLabel) {
  const middle = (box.top + box.bottom) / 2;
  const side = x < box.left ? "left" : x > box.right ? "right" : "center";
  const near = { left: box.left, right: box.right, center: (box.left + box.right) / 2 }[side];
  const leader = {
    type: "line" as const,
    shape: {
      ...{ x1: x, y1: y, x2: near },
      y2: side !== "center" ? middle : y < box.top ? box.top : box.bottom,
    },
    style: { stroke: palette.grey, lineWidth: 1 },
  };
  const words = {
    type: "text" as const,
    style: {
      ...{ text, x: near, y: middle, fill: textColour },
      font: `600 ${fontSize}px ${font}`,
      textAlign: side as "left" | "right" | "center",
      textVerticalAlign: "middle" as const,
    },
  };
  return { type: "group" as const, children: isFar ? [leader, words] : [words] };
}

function errorBar(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const [x, bottom] = api.coord([api.value(0), api.value(1)]) as [number, number];
  const [, top] = api.coord([api.value(0), api.value(2)]) as [number, number];
  return {
    type: "line" as const,
    shape: { x1: x, y1: bottom, x2: x, y2: top },
    style: { stroke: textColour, lineWidth: 1.2 },
  };
}
