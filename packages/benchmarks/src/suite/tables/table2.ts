import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { isHeavy } from "../settings.js";
import type { SuitePart } from "./contract.js";
import { comparedWith, ferrets, skipping } from "./learners.js";

/** What the quick suite shows of them: the one without any skill, and Ferret. */
const few = [...skipping.slice(0, 1), ...ferrets.slice(-1)];

export const table2: SuitePart = {
  name: "table2",
  title: "Table 2: with algorithms against forgetting",
  kind: "table",
  notes: ["agm and tagm compare with 1-Skip of the same algorithm."],
  contenders(setting, { isQuick }) {
    if (isQuick && isHeavy(setting)) return [];
    return algorithmNames.flatMap((algorithm) =>
      comparedWith("1-Skip", isQuick ? few : [...skipping, ...ferrets]).map((one) => ({
        ...one,
        label: `${one.label}, ${algorithm}`,
        baseline: `1-Skip, ${algorithm}`,
        group: algorithm,
        variation: { ...one.variation, algorithm },
      })),
    );
  },
};
