import type { SuitePart } from "./contract.js";
import { comparedWith, ferrets, oracle, skipping } from "./learners.js";

export const table1: SuitePart = {
  name: "table1",
  title: "Table 1: learners of a fast stream",
  kind: "table",
  notes: [
    "Oracle learns every item as if no time passed: an upper bound that no machine can run.",
    "agm and tagm compare with 1-Skip.",
  ],
  contenders: () => comparedWith("1-Skip", [oracle, ...skipping, ...ferrets]),
};
