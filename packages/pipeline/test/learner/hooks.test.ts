// Threads start from built JavaScript, so this test uses the package as others do.
import {
  type ClockOptions,
  createLearner,
  type Learner,
  type LearnerOptions,
} from "@ferret-ocl/pipeline";
import { plan } from "@ferret-ocl/planner";
import { afterEach, describe, expect, it } from "vitest";
import { classes, inputLength, stripes } from "./stripes.js";

const clocks: readonly ClockOptions[] = [{ kind: "virtual" }, { kind: "threads", count: 2 }];
const batch = 4;
const module = new URL("../hooked.mjs", import.meta.url).href;
const own = (mode: string) => ({ module, export: "createOwn", arguments: [mode] });
const projecting = { module, export: "createProjecting", arguments: [] };

const dense = (units: number, activation: string) => ({
  class_name: "Dense",
  config: { units, activation },
});
/** The first layer gives the inputs as they are. */
const model = [
  { class_name: "Flatten", config: { name: "inputs" } },
  dense(16, "relu"),
  dense(16, "relu"),
  dense(classes, "linear"),
];

const open: Learner[] = [];
afterEach(async () => {
  for (const learner of open.splice(0)) await learner.dispose();
});

async function make(options: Partial<LearnerOptions>): Promise<Learner> {
  const learner = await createLearner({
    model,
    inputShape: [inputLength],
    batch,
    arrivalInterval: "20us",
    timing: "model",
    learningRate: 0.1,
    compensation: "none",
    whenBusy: options.clock?.kind === "threads" ? "wait" : "drop",
    ...options,
  });
  open.push(learner);
  return learner;
}

/** Samples whose class stands in their first value. */
function told(item: number, count = batch) {
  const { x, y } = stripes(item, count);
  y.forEach((label, sample) => {
    x[sample * inputLength] = label;
  });
  return { x, y };
}

const refusal = async (work: Promise<unknown>) => String(await work.catch(String));

describe.each(clocks)("an algorithm's own prediction on the clock $kind", (clock) => {
  it("is what is answered and counted, in the memory that was planned", async () => {
    const learner = await make({ clock, algorithm: own("truth"), memoryBudget: "1MiB" });
    for (let item = 0; item < 30; item++) {
      const { x, y } = told(item, item % 7 === 6 ? 9 : batch);
      const { correct, labels, probabilities } = await learner.observe(x, y);
      expect(correct).toBe(y.length);
      expect(labels).toEqual(y);
      // The softmax of 0 for its class and -3 for the others.
      const share = 1 / (1 + (classes - 1) * Math.exp(-3));
      for (const [sample, label] of y.entries())
        expect(probabilities[sample * classes + label]).toBeCloseTo(share, 6);
    }
    expect((await learner.predict(told(99).x)).labels).toEqual(told(99).y);
    await learner.replan({ memoryBudget: "min" });
    const { x, y } = told(40);
    expect((await learner.observe(x, y)).correct).toBe(batch);
    await learner.finish();
    expect((await learner.predict(told(98, 11).x)).labels).toEqual(told(98, 11).y);
  });

  it("may rule classes out, but not all of them, nor be no number", async () => {
    const learner = await make({ clock, algorithm: own("ruled out") });
    const { x, y } = told(0, 12);
    const { labels, probabilities } = await learner.observe(x, y);
    labels.forEach((label, sample) => {
      expect(label).toBeGreaterThan(0);
      expect(probabilities[sample * classes]).toBe(0);
    });
    expect(learner.metrics().collapse).toBeNull();
    expect(learner.plan.stageCount).toBeGreaterThan(1);
    expect(learner.metrics().memory).toEqual(learner.plan.memory);
    // The outputs of the layer before the last, for each thread.
    const threads = clock.kind === "threads" ? 2 : 1;
    expect(learner.plan.memory.byCategory.algorithm).toBe(threads * 4 * batch * 16);
    for (const mode of clock.kind === "threads" ? ["nan"] : ["none", "nan"]) {
      const wrong = await make({ clock, algorithm: own(mode) });
      expect(await refusal(wrong.observe(x, y))).toMatch(/scores that are numbers.*predict of own/);
    }
  });

  it("is not asked of a model that has run away", async () => {
    const learner = await make({
      clock,
      algorithm: own("finite"),
      learningRate: 1e18,
      onWarning() {},
    });
    for (let item = 0; item < 40; item++) await learner.observe(told(item).x, told(item).y);
    await learner.finish();
    expect(learner.metrics().refusedUpdates.some((count) => count > 0)).toBe(true);
  });

  it("reads no layer that is not there, and tells which are", async () => {
    expect(await refusal(make({ clock, algorithm: own("far") }))).toMatch(
      /features\.layer of own but received "dense_9"; it has inputs, dense/,
    );
  });
});

describe.each(clocks)("the gradient of all parameters on the clock $kind", (clock) => {
  it("is planned on one stage, to the byte, and stays there when planned anew", async () => {
    const learner = await make({ clock, algorithm: projecting });
    expect(learner.plan.partition).toEqual([0]);
    let correct = 0;
    for (let item = 0; item < 150; item++) {
      const { x, y } = stripes(item, batch);
      const observed = await learner.observe(x, y);
      if (item >= 100) correct += observed.correct;
    }
    // A third by chance.
    expect(correct).toBeGreaterThan(0.6 * 50 * batch);
    expect(learner.metrics().memory).toEqual(learner.plan.memory);
    await learner.replan({ memoryBudget: "min", arrivalInterval: "1ms" });
    expect(learner.plan.partition).toEqual([0]);
    await learner.observe(stripes(200, batch).x, stripes(200, batch).y);
    await learner.finish();
    expect(learner.metrics().refusedUpdates).toEqual([0]);
  });

  it("is refused with a plan of more stages, by name", async () => {
    const learner = await make({ clock, algorithm: projecting });
    const { profile } = learner;
    const cut = plan({ profile, arrivalInterval: 1, memoryBudget: null, partition: [0, 2] });
    const message = /one stage, \[0\], for plan\.partition with projecting/;
    expect(await refusal(make({ clock, algorithm: projecting, plan: cut }))).toMatch(message);
    expect(await refusal(learner.replan({ plan: cut }))).toMatch(message);
    expect(await learner.learn(told(0).x, told(0).y)).toBe(batch);
  });
});
