import { isHeavy } from "../settings.js";
import type { Contender, SuitePart } from "./contract.js";
import { ferrets, skipping } from "./learners.js";

const pressures = [1, 2, 4, 8, 16, 32];
const fewPressures = [1, 4, 16];

const learners: readonly Contender[] = [
  ...skipping.slice(0, 1),
  { label: "PipeDream-2BW", variation: { method: "pipedream-2bw" } },
  ...ferrets,
];

export const latency: SuitePart = {
  name: "latency",
  title: "Latency and drops against rate",
  kind: "latency",
  notes: [
    "Pressure: how many times faster items come than one sequential learner takes them.",
    "Latency: from an item's arrival to the last update that it makes.",
  ],
  contenders(setting, { isQuick }) {
    if (isQuick && isHeavy(setting)) return [];
    return (isQuick ? fewPressures : pressures).flatMap((pressure) =>
      learners.map((one) => ({
        ...one,
        label: `${one.label} at pressure ${pressure}`,
        group: one.label,
        variation: { ...one.variation, pressure },
      })),
    );
  },
};
