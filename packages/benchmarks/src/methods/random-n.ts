import { drawn } from "@ferret-ocl/pipeline/engine";
import { Random } from "../random.js";
import type { Method } from "./contract.js";
import { batchSkip, prepareOneStage } from "./one-stage.js";

export const randomN: Method = {
  summary: "keeps the newest 8 unlearned items and learns 4 of them, drawn at random, as one batch",
  label: () => "Random-N",
  isPlanned: false,
  skipsBatches: true,
  prepare(request) {
    const random = new Random(request.setting.seed);
    return prepareOneStage(
      request,
      batchSkip(
        drawn((limit) => random.below(limit)),
        request.setting,
      ),
    );
  },
};
