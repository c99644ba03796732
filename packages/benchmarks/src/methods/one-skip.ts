import type { Method } from "./contract.js";
import { prepareOneStage } from "./one-stage.js";

export const oneSkip: Method = {
  summary: "trains the whole model on one item and drops what arrives in the meantime",
  label: () => "1-Skip",
  isPlanned: false,
  prepare: (request) => prepareOneStage(request, { kind: "when-idle" }),
};
