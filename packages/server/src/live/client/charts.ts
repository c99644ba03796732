import uPlot from "uplot";
import type { LivePoint } from "../snapshot.js";
import { replansIn } from "./replans.js";

interface Line {
  readonly label: string;
  readonly colour: "--one" | "--two" | "--faint";
  readonly isDashed?: boolean;
  readonly of: (points: readonly LivePoint[]) => (number | null)[];
}

const rates = (count: (point: LivePoint) => number) => (points: readonly LivePoint[]) =>
  points.map((point, index) => {
    const before = points[index - 1];
    if (!before) return null;
    const seconds = (point.at - before.at) / 1000;
    const items = count(point) - count(before);
    // A server that was started again counts on from its checkpoint.
    return seconds > 0 && items >= 0 ? items / seconds : null;
  });

const lines: Readonly<Record<string, readonly Line[]>> = {
  score: [
    { label: "newest items", colour: "--one", of: (points) => points.map(({ recent }) => recent) },
    {
      label: "all items",
      colour: "--faint",
      isDashed: true,
      of: (points) => points.map(({ all }) => all),
    },
  ],
  drops: [
    { label: "arrived", colour: "--one", of: rates(({ items }) => items) },
    { label: "dropped", colour: "--two", of: rates(({ dropped }) => dropped) },
  ],
  latency: [
    { label: "p50", colour: "--one", of: (points) => points.map(({ p50 }) => p50) },
    { label: "p99", colour: "--two", of: (points) => points.map(({ p99 }) => p99) },
  ],
};

const ofPage = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** The charts over time; made anew where the colours change. */
export class Charts {
  #drawn: { readonly chart: uPlot; readonly lines: readonly Line[]; readonly place: HTMLElement }[];
  #points: readonly LivePoint[] = [];

  constructor() {
    this.#drawn = this.#make();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const { chart } of this.#drawn) chart.destroy();
      this.#drawn = this.#make();
      this.show(this.#points);
    });
    new ResizeObserver(() => {
      for (const { chart, place } of this.#drawn)
        chart.setSize({ width: place.clientWidth, height });
    }).observe(document.body);
  }

  show(points: readonly LivePoint[]): void {
    this.#points = points;
    const times = points.map(({ at }) => at / 1000);
    for (const { chart, lines } of this.#drawn)
      chart.setData([times, ...lines.map(({ of }) => of(points))]);
  }

  /** A line where the plan was changed. */
  #mark(chart: uPlot): void {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.strokeStyle = ofPage("--ink");
    ctx.fillStyle = ofPage("--ink");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = `${11 * devicePixelRatio}px sans-serif`;
    ctx.textAlign = "left";
    let free = 0;
    for (const at of replansIn(this.#points)) {
      const x = Math.round(chart.valToPos(at / 1000, "x", true)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const isRoom = x > free && x + 50 * devicePixelRatio < bbox.left + bbox.width;
      if (!isRoom) continue;
      ctx.fillText("new plan", x + 4 * devicePixelRatio, bbox.top + 11 * devicePixelRatio);
      free = x + 60 * devicePixelRatio;
    }
    ctx.restore();
  }

  #make() {
    return Object.entries(lines).map(([name, lines]) => {
      const place = document.querySelector(`#${name} .chart`) as HTMLElement;
      const axis = { stroke: ofPage("--faint"), grid: { stroke: ofPage("--line"), width: 1 } };
      const chart = new uPlot(
        {
          width: place.clientWidth,
          height,
          axes: [
            { ...axis, space: 80, values: (_, ticks) => ticks.map(timeOf) },
            { ...axis, size: 56 },
          ],
          scales: {
            y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? 1.05 * high : 1] },
          },
          legend: { live: true },
          hooks: { draw: [(chart) => this.#mark(chart)] },
          series: [
            { label: "time", value: (_, at) => (at === null ? "-" : timeOf(at)) },
            ...lines.map(({ label, colour, isDashed }) => ({
              label,
              stroke: ofPage(colour),
              width: 2,
              points: { show: false },
              ...(isDashed && { dash: [6, 4] }),
              value: (_: uPlot, value: number | null) => (value === null ? "-" : shown(value)),
            })),
          ],
        },
        [[], ...lines.map(() => [])],
        place,
      );
      return { chart, lines, place };
    });
  }
}

/** Pixels, without the legend. */
const height = 190;

/** @param at seconds since 1970. */
const timeOf = (at: number): string => new Date(1000 * at).toLocaleTimeString("en-GB");

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
