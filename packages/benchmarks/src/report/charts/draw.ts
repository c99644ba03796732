import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, SVGRenderer]);

const chartWidth = 1080;
export const textColour = "#333";
const gridColour = "#e3e3e3";
const font = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Draws a chart as an SVG element that scales with the page. */
export function draw(option: EChartsCoreOption, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: chartWidth, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: font, fontSize: 13 }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/ width="\d+" height="\d+"/, "");
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
