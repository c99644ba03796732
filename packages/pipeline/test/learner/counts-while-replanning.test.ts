// Threads start from built JavaScript, so this test uses the package as others do.

import { createLearner } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";
import { inputLength, stripes } from "./stripes.js";

it("counts every item once while threads start under another plan", async () => {
  const batch = 4;
  const items = 20;
  const learner = await createLearner({
    model: "mlp",
    classes: 3,
    inputShape: [inputLength],
    batch,
    timing: "model",
    memoryBudget: "min",
    arrivalInterval: "1ms",
    clock: { kind: "threads", count: 2 },
    whenBusy: "wait",
  });
  try {
    for (let item = 0; item < items; item++) {
      const { x, y } = stripes(item, batch);
      await learner.observe(x, y);
    }
    let isOver = false;
    const { plan } = learner;
    const replanned = learner.replan({ memoryBudget: "none", arrivalInterval: "0.0002ms" });
    const end = replanned.finally(() => {
      isOver = true;
    });
    let looks = 0;
    for (; !isOver; looks++) {
      const { admitted, dropped, updates } = learner.metrics();
      expect([admitted, dropped]).toEqual([items, 0]);
      expect(Math.max(...updates)).toBeLessThanOrEqual(items);
      await new Promise(setImmediate);
    }
    await end;
    expect(looks).toBeGreaterThan(1);
    expect(learner.plan.partition).not.toEqual(plan.partition);
    const { admitted, dropped } = learner.metrics();
    expect([admitted, dropped]).toEqual([items, 0]);
  } finally {
    await learner.dispose();
  }
});
