import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type * as ECharts from "echarts/core";
import { printable } from "../../printable.js";

const require = createRequire(import.meta.url);

/** Pixels, as heights, before the page scales it. */
const chartWidth = 1080;
export const textColour = "#333";
const gridColour = "#e3e3e3";
export const font = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Draws a chart as an SVG element that scales with the page. */
export function draw(
  option: ECharts.EChartsCoreOption,
  height: number,
  width = chartWidth,
): string {
  // In one file, and not before something is drawn: else every command waits most of a second for it.
  const { init } = require("echarts") as typeof ECharts;
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: font, fontSize: 13 }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return ownNames(printable(svg, "\n\t").replace(/ width="\d+" height="\d+"/, ""));
}

/**
 * echarts counts its classes and clip paths through the life of the process. Named after what is
 * drawn instead, the same chart is the same text, and charts on one page stay out of each other's way.
 */
function ownNames(svg: string): string {
  const names = new Map<string, string>();
  const counted = svg.replace(/\bzr\d+-[a-z]+-?\d+\b/g, (name) => {
    if (!names.has(name)) names.set(name, `zr-${names.size}`);
    return names.get(name) as string;
  });
  const digest = createHash("sha256").update(counted).digest("hex").slice(0, 8);
  return counted.replace(/\bzr-(\d+)\b/g, `c${digest}-$1`);
}

/** A numeric axis with its name in the middle. */
export function valueAxis(name: string, more: object = {}): object {
  return {
    type: "value",
    name,
    nameLocation: "middle",
    nameGap: 34,
    nameTextStyle: { color: textColour, fontSize: 13 },
    axisLabel: { color: textColour, fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: textColour } },
    splitLine: { lineStyle: { color: gridColour } },
    ...more,
  };
}

export function legend(more: object = {}): object {
  return { top: 0, left: 70, itemGap: 18, textStyle: { color: textColour, fontSize: 13 }, ...more };
}
