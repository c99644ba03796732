import type { CompensationRun } from "../experiments/compensation.js";
import { type MethodSummary, settingsOf, summarise } from "../experiments/compensation-summary.js";
import { formatEstimate } from "./table.js";

/** One row per method: what it recovers, and where it does harm. */
export function compensationRows(runs: readonly CompensationRun[]): string[][] {
  const rows = summarise(runs).map((summary) => [
    summary.method,
    summary.oacc.toFixed(2),
    summary.recovered === null ? "-" : `${(100 * summary.recovered).toFixed(1)} %`,
    `${summary.costly}`,
    formatEstimate(summary.worstLoss, 2),
    describeWorst(summary),
    `${summary.faults}`,
  ]);
  return [
    ["method", "online acc. %", "recovered", "of settings", "worst loss", "at", "faults"],
    ...rows,
  ];
}

function describeWorst({ worstAt }: MethodSummary): string {
  if (!worstAt) return "-";
  const { dataset, order, learningRate, staleness } = worstAt;
  return `${dataset} ${order}, lr ${learningRate}, tau ${staleness}`;
}

/** One row per setting, one column per method: online accuracies. */
export function compensationSettingRows(runs: readonly CompensationRun[]): string[][] {
  const settings = settingsOf(runs);
  const methods = [...new Set(settings.flatMap(({ oacc }) => [...oacc.keys()]))];
  return [
    ["setting", "lr", "tau", "sync", ...methods],
    ...settings.map(({ dataset, order, learningRate, staleness, synchronous, oacc }) => [
      `${dataset} ${order}`,
      `${learningRate}`,
      `${staleness}`,
      synchronous.toFixed(1),
      ...methods.map((method) => oacc.get(method)?.toFixed(1) ?? "-"),
    ]),
  ];
}
