import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import { colourOf } from "../colours.js";
import type { Group } from "../groups.js";
import { draw, textColour, valueAxis } from "./draw.js";

const mebibyte = 2 ** 20;

/** What accuracy each learner buys with its memory; bars are standard errors over seeds. */
export function drawMemoryAccuracy(groups: readonly Group[]): string {
  return draw(
    {
      grid: { left: 70, right: 130, top: 20, bottom: 50 },
      xAxis: valueAxis("peak memory, MiB", { min: 0 }),
      // Room below the lowest and above the highest point, so that no label lies on the axis.
      yAxis: valueAxis("online accuracy, %", {
        scale: true,
        boundaryGap: ["10%", "10%"],
        nameGap: 44,
      }),
      series: [
        {
          type: "custom",
          silent: true,
          encode: { x: 0, y: [1, 2] },
          data: groups.flatMap(({ peak, oacc }) =>
            oacc.error === null
              ? []
              : [[peak / mebibyte, oacc.mean - oacc.error, oacc.mean + oacc.error]],
          ),
          renderItem: errorBar,
        },
        {
          type: "scatter",
          symbolSize: 13,
          data: groups.map((group, place) => ({
            value: [group.peak / mebibyte, group.oacc.mean],
            itemStyle: { color: colourOf(group.label, place), borderColor: "#fff", borderWidth: 1 },
            label: {
              show: true,
              position: labelSide(group, groups),
              distance: 8,
              formatter: group.label,
              color: textColour,
              fontSize: 13,
              fontWeight: 600,
            },
          })),
        },
      ],
    },
    380,
  );
}

/**
 * Labels stand to the right of their points. Where another learner is so near that they would
 * overlap, the one above is labelled above and the one below is labelled below.
 */
function labelSide(group: Group, groups: readonly Group[]): "top" | "bottom" | "right" {
  const widest = Math.max(...groups.map(({ peak }) => peak));
  const accuracies = groups.map(({ oacc }) => oacc.mean);
  const tallest = Math.max(...accuracies) - Math.min(...accuracies);
  const near = groups.find(
    (other) =>
      other !== group &&
      Math.abs(other.peak - group.peak) < widest / 6 &&
      Math.abs(other.oacc.mean - group.oacc.mean) <= tallest / 12,
  );
  if (!near) return "right";
  const above =
    group.oacc.mean > near.oacc.mean ||
    (group.oacc.mean === near.oacc.mean && groups.indexOf(group) < groups.indexOf(near));
  return above ? "top" : "bottom";
}

function errorBar(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const [x, bottom] = api.coord([api.value(0), api.value(1)]) as [number, number];
  const [, top] = api.coord([api.value(0), api.value(2)]) as [number, number];
  const style = { stroke: textColour, lineWidth: 1.5 };
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: "line" as const,
    shape: { x1, y1, x2, y2 },
    style,
  });
  return {
    type: "group" as const,
    children: [
      line(x, top, x, bottom),
      line(x - 5, top, x + 5, top),
      line(x - 5, bottom, x + 5, bottom),
    ],
  };
}
