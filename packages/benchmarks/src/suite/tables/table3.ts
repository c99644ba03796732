import type { SuitePart } from "./contract.js";
import { comparedWith, ferrets } from "./learners.js";
import { schedules } from "./schedules.js";

export const table3: SuitePart = {
  name: "table3",
  title: "Table 3: pipeline schedules",
  kind: "table",
  notes: [
    "Every schedule has the devices it needs, 4 or as many as the model can be cut into stages for.",
    "agm and tagm compare with DAPPLE.",
  ],
  contenders: () => comparedWith("DAPPLE", [...schedules, ...ferrets]),
};
