import type { Batch } from "../execute/algorithm.js";
import { isRegression } from "../model/loss.js";
import { elementCount } from "../model/shape.js";
import { openVirtual, type VirtualLearnerOptions } from "./by-hand/learner.js";
import type { Player } from "./player.js";

/** Plays on the virtual clock; math is done on this thread, within `take`. */
export function virtualPlayer(options: VirtualLearnerOptions): Player {
  const learner = openVirtual(options);
  const { model, profile } = options;
  const { classes } = model;
  // Whole batches are predicted, whatever lies behind the item.
  const { batch } = profile;
  const padded = {
    x: new Float32Array(batch * elementCount(model.inputShape)),
    labels: new Int32Array(batch),
    ...(isRegression(model) && { targets: new Float32Array(batch * classes) }),
    size: 0,
  };
  const pad = ({ x, labels, targets, size }: Batch): Batch => {
    padded.x.set(x);
    padded.labels.set(labels);
    if (targets) padded.targets?.set(targets);
    padded.size = size;
    return padded;
  };
  return {
    async take(item, { predicts, learns }) {
      const { size } = item;
      const copy = pad(item);
      const { isLearned, logits } = learns
        ? learner.take(copy, predicts)
        : { isLearned: false, logits: learner.logits(copy) };
      const own = predicts ? Promise.resolve(logits.slice(0, size * classes)) : null;
      return { isLearned, logits: own };
    },
    async replan(plan) {
      learner.replan({ plan });
    },
    async finish() {
      learner.finish();
    },
    async save() {
      return learner.save();
    },
    switches: () => learner.switches(),
    parameters: () => learner.parameters(),
    metrics: () => learner.metrics(),
    recentActions: () => learner.recentActions(),
    async dispose() {
      learner.dispose();
    },
  };
}
