import { compensatorNames } from "@ferret-ocl/compensation";
import { isHeavy } from "../settings.js";
import type { SuitePart } from "./contract.js";

/** Those that the paper compares. */
const paperNames = ["none", "step-aware", "gap-aware", "fisher", "iter-fisher"];
const ours = ["secant"];

export const table4: SuitePart = {
  name: "table4",
  title: "Table 4: repair of stale gradients inside the pipeline",
  kind: "table",
  notes: [
    "One plan for all, the one with the highest adaptation rate (--objective paper) without a limit of memory, so " +
      "that only the repair differs.",
    "agm and tagm compare with no repair.",
  ],
  contenders(setting, { isQuick }) {
    if (isQuick && isHeavy(setting)) return [];
    return (isQuick ? [...paperNames, ...ours] : compensatorNames).map((compensation) => ({
      label: compensation,
      baseline: "none",
      variation: { method: "ferret", compensation, objective: "paper" },
    }));
  },
};
