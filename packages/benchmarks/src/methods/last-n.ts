import { newest } from "@ferret-ocl/pipeline/engine";
import type { Method } from "./contract.js";
import { batchSkip, prepareOneStage } from "./one-stage.js";

export const lastN: Method = {
  summary: "keeps the newest 8 unlearned items and learns the last 4 of them as one batch",
  label: () => "Last-N",
  isPlanned: false,
  skipsBatches: true,
  prepare: (request) => prepareOneStage(request, batchSkip(newest, request.setting)),
};
