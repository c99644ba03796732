import { formatBytes } from "@ferret-ocl/planner";
import type { PressurePoint } from "../experiments/pressure.js";
import { groupBy } from "../group-by.js";
import { estimate } from "../metrics/statistics.js";
import { formatEstimate } from "./table.js";

/** One row per method, one column per pressure, as texts; the first row names the columns. */
export interface PressureTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

const percent = (value: (point: PressurePoint) => number) => (points: readonly PressurePoint[]) =>
  formatEstimate(estimate(points.map(value)), 1);

const measures: readonly (readonly [string, (points: readonly PressurePoint[]) => string])[] = [
  ["dropped, %", percent(({ dropped }) => dropped)],
  ["online accuracy, %", percent(({ oacc }) => oacc)],
  ["memory", (points) => formatBytes(Math.max(...points.map(({ memory }) => memory)))],
];

/** Drop rate, online accuracy and memory of every method at every pressure, over seeds. */
export function pressureTables(points: readonly PressurePoint[]): PressureTable[] {
  const pressures = [...new Set(points.map(({ pressure }) => pressure))].sort((a, b) => a - b);
  const methods = groupBy(points, ({ label }) => label);
  return measures.map(([title, value]) => ({
    title,
    rows: [
      [title, ...pressures.map((pressure) => `pressure ${pressure}`)],
      ...[...methods].map(([label, own]) => [
        label,
        ...pressures.map((pressure) => {
          const there = own.filter((point) => point.pressure === pressure);
          return there.length === 0 ? "-" : value(there);
        }),
      ]),
    ],
  }));
}
