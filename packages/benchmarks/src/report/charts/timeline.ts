import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import type { ResultRecord } from "../../record.js";
import { palette } from "../colours.js";
import { draw, textColour, valueAxis } from "./draw.js";

/** Items whose way through the pipeline is drawn. */
const shownItems = 24;
const rowHeight = 20;
const kinds = ["F", "B", "W", "U"] as const;

/**
 * The first items in the pipeline, one row per worker and stage, or per device of a fixed schedule:
 *
 * ```
 * arrivals   | o o x o            taken in, or dropped
 * w0 stage 0 | [0 F]   [ 0 B ]|   box: when a device works on which item; bar: update
 * w0 stage 1 |      [0][ 0 ]|
 * ```
 */
export function drawTimeline(record: ResultRecord): string | null {
  const { timeline, arrivalInterval } = record;
  const devices = devicesOf(record);
  if (!devices || timeline.length === 0) return null;
  const actions = timeline.filter(({ item }) => item < shownItems);
  const rows = ["arrivals", ...devices.names];
  const taken = new Set(actions.map(({ item }) => item));
  const arrivals = Array.from({ length: Math.min(shownItems, record.items) }, (_, item) => ({
    value: [item * arrivalInterval, 0],
    symbol: taken.has(item) ? "circle" : "path://M0,0L8,8M8,0L0,8",
    itemStyle: taken.has(item)
      ? { color: textColour }
      : { color: "none", borderColor: palette.vermilion, borderWidth: 2 },
  }));
  return draw(
    {
      grid: { left: 100, right: 20, top: 10, bottom: 50 },
      xAxis: valueAxis(record.engine === "virtual" ? "virtual time, ms" : "time, ms", { min: 0 }),
      yAxis: {
        type: "category",
        inverse: true,
        data: rows,
        axisLabel: { color: textColour, fontSize: 11, interval: 0 },
        axisTick: { show: false },
        splitLine: { show: true, lineStyle: { color: "#f0f0f0" } },
      },
      series: [
        { type: "scatter", symbolSize: 7, data: arrivals },
        {
          type: "custom",
          silent: true,
          encode: { x: [1, 2], y: 0 },
          data: actions.map(({ worker, stage, kind, item, start, end: stop }) => [
            1 + devices.of(worker, stage),
            start,
            stop,
            kinds.indexOf(kind),
            item,
          ]),
          renderItem: drawAction,
        },
      ],
    },
    80 + rowHeight * rows.length,
  );
}

/** The devices of a pipeline, and which of them works at a stage; null where there is none. */
function devicesOf({ plan, schedule }: ResultRecord) {
  if (schedule)
    return {
      names: Array.from({ length: schedule.deviceCount }, (_, device) => `device ${device}`),
      of: (_: number, stage: number) => schedule.devices[stage] as number,
    };
  if (!plan) return null;
  const { workerCount, stageCount } = plan;
  return {
    names: Array.from(
      { length: workerCount * stageCount },
      (_, device) => `w${Math.floor(device / stageCount)} stage ${device % stageCount}`,
    ),
    of: (worker: number, stage: number) => worker * stageCount + stage,
  };
}

const fills: Readonly<Record<(typeof kinds)[number], string>> = {
  F: palette.sky,
  B: palette.orange,
  W: palette.yellow,
  U: palette.black,
};

function drawAction(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const row = api.value(0);
  const [left, middle] = api.coord([api.value(1), row]) as [number, number];
  const [right] = api.coord([api.value(2), row]) as [number, number];
  const kind = kinds[api.value(3) as number] as (typeof kinds)[number];
  const height = rowHeight - 4;
  const top = middle - height / 2;
  if (kind === "U")
    return {
      type: "rect" as const,
      shape: { x: left - 1, y: top - 1, width: 2.5, height: height + 2 },
      style: { fill: fills.U },
    };
  const width = Math.max(right - left, 1);
  const item = String(api.value(4));
  // A number that does not fit its box would run into its neighbours.
  const fits = width > 7 * item.length + 2;
  return {
    type: "rect" as const,
    shape: { x: left, y: top, width, height },
    style: { fill: fills[kind], stroke: "#fff", lineWidth: 0.5 },
    textConfig: { position: "inside" as const },
    ...(fits ? { textContent: { style: { text: item, fill: "#000", fontSize: 10 } } } : {}),
  };
}
