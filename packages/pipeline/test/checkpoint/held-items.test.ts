// Threads start from built JavaScript, so this test uses the package as others do.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLearner, profileModel } from "@ferret-ocl/pipeline";
import { arrivalSlots, Ledger, startThreadsLearner } from "@ferret-ocl/pipeline/engine";
import { noOverheads, plainWorkers } from "@ferret-ocl/planner";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inputLength, layers, stripes } from "../learner/stripes.js";
import { batch, drawItems, model, planOf, runtime, runtimeChoice } from "../perceptron.js";
import { pause } from "./slow-save.mjs";

const slow = {
  module: new URL("./slow-save.mjs", import.meta.url).href,
  export: "createSlow",
  arguments: [],
};
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-held-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("items that come while a learner on threads stands still", () => {
  it("are learned, as far as it catches up in as long as it stood still", async () => {
    const learner = await createLearner({
      model: layers,
      inputShape: [inputLength],
      batch: 8,
      algorithm: slow,
      clock: { kind: "threads", count: 1 },
      whenBusy: "drop",
    });
    await learner.observe(stripes(0, 8).x, stripes(0, 8).y);
    const saved = learner.save(join(folder, "state"));
    const calls = Array.from({ length: 40 }, (_, item) => {
      const { x, y } = stripes(item, 8);
      return learner.learn(x, y);
    });
    await saved;
    expect(await Promise.all(calls)).toEqual(calls.map(() => 8));
    expect(learner.metrics().dropped).toBe(0);
    await learner.dispose();
  });

  it("are learned where items come at an interval", async () => {
    const profile = profileModel({ model, runtime, batch, timing: "model" });
    const overheads = { ...noOverheads, executorCount: 1, arrivalSlots: arrivalSlots(1) };
    const plan = planOf(profile, { partition: [0, 2], workers: plainWorkers(2, 1) }, overheads, 1);
    const interval = 50;
    const learner = await startThreadsLearner({
      model,
      profile,
      plan,
      threads: 1,
      runtime: runtimeChoice,
      ledger: new Ledger(),
      algorithm: slow,
      compensator: {
        module: "@ferret-ocl/compensation",
        export: "createCompensator",
        arguments: ["none", {}],
      },
      learningRate: 0.1,
      seed: 4,
      arrivalInterval: interval,
      onPrediction() {},
    });
    // As many as are due while it stands still, and the one before.
    const items = drawItems(1 + pause / interval, 5);
    await learner.observe(items[0]!);
    await learner.save();
    for (const item of items.slice(1)) await learner.observe(item);
    await learner.finish();
    expect(learner.metrics()).toMatchObject({ items: items.length, dropped: 0 });
    await learner.dispose();
  });
});
