import { elementCount } from "../model/shape.js";
import type { ThreadsLearnerOptions } from "./by-hand/threads-contract.js";
import { openOnThreads } from "./by-hand/threads-learner.js";
import type { Player } from "./player.js";

/** Plays on worker threads and the wall clock. */
export async function threadsPlayer(
  options: ThreadsLearnerOptions,
  whenBusy: "drop" | "wait",
): Promise<Player> {
  const learner = await openOnThreads(options);
  const { classes, inputShape } = options.model;
  const { batch } = options.profile;
  const inputLength = elementCount(inputShape);
  let isFinished = false;
  return {
    async take(item, wish) {
      if (!isFinished) return learner.bring(item, { ...wish, waits: whenBusy === "wait" });
      // The threads have ended, and this one has their working space to itself.
      const x = new Float32Array(batch * inputLength);
      x.set(item.x);
      const logits = learner.logits({ ...item, x }).slice(0, item.size * classes);
      return { isLearned: false, logits: Promise.resolve(logits) };
    },
    replan: (plan) => learner.replan({ plan }),
    async finish() {
      await learner.finish();
      isFinished = true;
    },
    save: () => learner.save(),
    switches: () => learner.switches(),
    parameters: () => learner.parameters(),
    metrics: () => learner.metrics(),
    recentActions: () => learner.recentActions(),
    dispose: () => learner.dispose(),
  };
}
