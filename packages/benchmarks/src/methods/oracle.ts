import type { Method } from "./contract.js";
import { prepareOneStage } from "./one-stage.js";

export const oracle: Method = {
  summary: "learns every item at once, as if no time passed: what unlimited speed would reach",
  label: () => "Oracle",
  isPlanned: false,
  prepare: (request) => prepareOneStage(request, { kind: "every" }),
};
