import { createLearner } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";

it.each([{ kind: "virtual" }, { kind: "threads", count: 1 }] as const)(
  "what is held is what the plan says, before and after a change: %j",
  async (clock) => {
    const learner = await createLearner({
      model: "mlp",
      inputShape: [4],
      classes: 3,
      batch: 4,
      arrivalInterval: "20us",
      timing: "model",
      clock,
    });
    const before = learner.metrics();
    expect(before.memoryHeld).toEqual(learner.plan.memory);
    expect(before.memory).toEqual(before.memoryHeld);
    await learner.learn([1, 2, 3, 4], 1);
    await learner.replan({ memoryBudget: "min" });
    // On the virtual clock the old plan ends when what is in flight has.
    await learner.finish();
    const after = learner.metrics();
    expect(after.memoryHeld).toEqual(learner.plan.memory);
    expect(after.memoryHeld.total).toBeLessThan(before.memoryHeld.total);
    expect(after.memory.total).toBe(before.memory.total);
    await learner.dispose();
  },
);
