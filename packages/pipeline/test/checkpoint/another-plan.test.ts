import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import {
  createLearner,
  type Learner,
  type LearnerOptions,
  type OpenOptions,
  openLearner,
} from "@ferret-ocl/pipeline";
import { readCheckpoint } from "@ferret-ocl/pipeline/engine";
import { plan as makePlan } from "@ferret-ocl/planner";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inputLength, layers, stripes } from "../learner/stripes.js";

const batch = 8;
/** Milliseconds of one item, forward and backward, by operation counts. */
const sequential = 4.8e-4;
const virtual = { clock: { kind: "virtual" }, arrivalInterval: sequential / 8 } as const;
const threads = { clock: { kind: "threads", count: 2 }, whenBusy: "wait" } as const;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (options: Partial<LearnerOptions> = {}): Promise<Learner> =>
  createLearner({ model: layers, inputShape: [inputLength], batch, seed: 3, ...options });

async function follow(learner: Learner, from: number, to: number): Promise<number> {
  let right = 0;
  for (let item = from; item < to; item++) {
    const { x, y } = stripes(item, batch);
    right += (await learner.observe(x, y)).correct;
  }
  return right / ((to - from) * batch);
}

/** Saves a learner that has taken so many items, and opens it in another way. */
async function reopen(learner: Learner, items: number, options: OpenOptions): Promise<Learner> {
  await follow(learner, 0, items);
  await learner.save(folder);
  await learner.dispose();
  return openLearner(folder, options);
}

const here = [
  ["threads", threads],
  ["the virtual clock", virtual],
] as const;

describe("a learner that goes on in another way", () => {
  const ways = here.flatMap(([from, created]) =>
    here.map(([to, opened]) => ({ from, to, created, opened })),
  );

  it.each(ways.flatMap((way) => algorithmNames.map((algorithm) => ({ ...way, algorithm }))))(
    "keeps parameters, counts and what it has learned, from $from to $to with $algorithm",
    async ({ created, opened, algorithm }) => {
      const learner = await start({
        ...created,
        algorithm,
        optimizer: "momentum",
        learningRate: 0.02,
      });
      await follow(learner, 0, 120);
      await learner.save(folder);
      const [parameters, before] = [learner.parameters(), learner.metrics()];
      const { x } = stripes(0, 1);
      const predicted = await learner.predict(x);
      const again = await openLearner(folder, { whenBusy: "drop", ...opened });
      expect(again.parameters()).toEqual(parameters);
      expect(await again.predict(x)).toEqual(predicted);
      const after = again.metrics();
      for (const count of ["items", "admitted", "dropped"] as const)
        expect(after[count]).toBe(before[count]);
      // Of a stage that there was not before there is nothing.
      expect(after.updates.slice(0, before.updates.length)).toEqual(before.updates);
      expect(after.staleness.slice(0, before.staleness.length)).toEqual(before.staleness);
      expect(again.plan.memory.byCategory.parameters).toBe(before.memory.byCategory.parameters);
      await follow(again, 120, 180);
      expect(again.metrics().items).toBe(180);
      // It has learned; one that begins anew is right in a third of the cases.
      expect(await follow(again, 180, 220)).toBeGreaterThan(0.45);
      await again.finish();
      await learner.dispose();
      await again.dispose();
    },
  );

  it("holds what another budget plans for, and tells the change", async () => {
    const learner = await start(virtual);
    const { total } = learner.plan.memory;
    const partition = learner.plan.partition;
    const again = await reopen(learner, 50, { memoryBudget: "min" });
    expect(again.memoryBudget).toBeLessThan(total);
    expect(again.plan.partition).not.toEqual(partition);
    expect(again.compensation).toBe(learner.compensation);
    const [change, ...rest] = again.switches();
    expect(rest).toEqual([]);
    expect(change).toMatchObject({ requestedAt: 50, completedAt: 50, pause: 0 });
    expect(change?.memory).toEqual({ before: total, between: 0, after: again.plan.memory.total });
    // The most since the start, under any plan.
    expect(again.metrics().memory.total).toBe(total);
    await follow(again, 50, 80);
    expect(again.switches()).toHaveLength(1);
    await again.dispose();
  });

  it("names a compensation whose state starts anew", async () => {
    const warnings: string[] = [];
    const learner = await start({ ...virtual, compensation: "iter-fisher" });
    const again = await reopen(learner, 20, {
      compensation: "secant",
      onWarning: (message) => warnings.push(message),
    });
    expect(again.compensation).toBe("secant");
    expect(warnings).toEqual([
      expect.stringMatching(/repaired with iter-fisher .* with secant .* starts anew/),
    ]);
    await again.dispose();
  });

  it("refuses what the checkpoint says itself, by name", async () => {
    const learner = await start(virtual);
    await learner.save(folder);
    for (const wrong of [
      { batch: 4 },
      { learningRate: 0.1 },
      { optimizer: "adam" },
      { model: layers },
    ])
      await expect(openLearner(folder, wrong as OpenOptions)).rejects.toThrow(
        `but received "${Object.keys(wrong)[0]}"`,
      );
    await expect(openLearner(folder, { loss: "meanSquaredError" })).rejects.toThrow("for loss");
    await expect(openLearner(folder, { algorithm: "er" })).rejects.toThrow("state of er");
    await expect(learner.save("")).rejects.toThrow("for folder");
    for (const attachment of [{ a: [1, Number.NaN] }, { f() {} }, new Float32Array(2), { a: -0 }])
      await expect(learner.save(folder, attachment)).rejects.toThrow("plain data");
    await learner.finish();
    await expect(learner.save(folder)).rejects.toThrow("no save after finish");
    await learner.dispose();
    await expect(learner.save(folder)).rejects.toThrow("no save after dispose");
  });

  it("does not import the module that a checkpoint names, and takes it from the caller", async () => {
    const saving = {
      module: "@ferret-ocl/ocl-algorithms",
      export: "createAlgorithm",
      arguments: ["er"],
    };
    const learner = await start({ ...virtual, algorithm: saving });
    await follow(learner, 0, 20);
    await learner.save(folder);
    await expect(openLearner(folder)).rejects.toThrow(
      "ocl-algorithms#createAlgorithm, to be given again",
    );
    const again = await openLearner(folder, { algorithm: saving });
    await follow(learner, 20, 40);
    await follow(again, 20, 40);
    expect(again.parameters()).toEqual(learner.parameters());
    await learner.dispose();
    await again.dispose();
  });

  it("keeps plan, budget and pace that were changed on the way", async () => {
    const learner = await start(virtual);
    await follow(learner, 0, 10);
    await learner.replan({ memoryBudget: "min", arrivalInterval: sequential / 4 });
    const again = await reopen(learner, 30, {});
    expect(again.plan).toEqual(learner.plan);
    expect(again.memoryBudget).toBe(learner.memoryBudget);
    expect(again.switches()).toEqual(learner.switches());
    expect(again.switches()).toHaveLength(1);
    await again.dispose();
  });

  it("saves in its turn, while calls overlap, and the last two are kept", async () => {
    const learner = await start(threads);
    const calls: Promise<unknown>[] = [];
    for (let item = 0; item < 60; item++) {
      const { x, y } = stripes(item, batch);
      calls.push(learner.observe(x, y), learner.predict(x));
      if (item % 20 === 19) calls.push(learner.save(folder, { items: item + 1 }));
    }
    await Promise.all(calls);
    const again = await openLearner(folder);
    expect(again.attachment).toEqual({ items: 60 });
    expect(again.metrics().items).toBe(60);
    await again.dispose();
    await learner.dispose();
  });

  it.each(["mir", "lwf", "mas"])(
    "keeps what %s has in no shared memory over a change of plan on threads",
    async (algorithm) => {
      const learner = await start({ ...threads, algorithm });
      await follow(learner, 0, 30);
      const stateIn = async (name: string) => {
        await learner.save(join(folder, name));
        const { tensors } = readCheckpoint(join(folder, name), () => {});
        return tensors.get("algorithm/state")?.values;
      };
      const before = await stateIn("before");
      const partition = learner.plan.partition.length === 1 ? [0, 1] : [0];
      const { arrivalInterval } = learner.plan;
      const request = { profile: learner.profile, partition, arrivalInterval, memoryBudget: null };
      await learner.replan({ plan: makePlan(request) });
      expect(learner.plan.partition).toEqual(partition);
      expect(learner.switches()).toHaveLength(1);
      expect(await stateIn("after")).toEqual(before);
      // Items have been counted.
      const fresh = await start({ ...threads, algorithm });
      await fresh.save(join(folder, "fresh"));
      const { tensors } = readCheckpoint(join(folder, "fresh"), () => {});
      expect(tensors.get("algorithm/state")?.values).not.toEqual(before);
      await learner.dispose();
      await fresh.dispose();
    },
  );

  it("carries state of optimizer and compensation over to other stages, layer by layer", async () => {
    const settings = { compensation: "iter-fisher", optimizer: "adam", learningRate: 0.002 };
    const learner = await start({ ...virtual, ...settings });
    expect(learner.plan.partition).toEqual([0, 1, 2]);
    await follow(learner, 0, 40);
    await learner.save(join(folder, "before"));
    const { profile, plan } = learner;
    const request = { profile, arrivalInterval: plan.arrivalInterval, memoryBudget: null };
    const { tensors: before } = readCheckpoint(join(folder, "before"), () => {});
    const cutAt = async (partition: readonly number[]) => {
      const again = await openLearner(join(folder, "before"), {
        plan: makePlan({ ...request, partition }),
      });
      expect(again.plan.partition).toEqual(partition);
      const place = join(folder, `${partition}`);
      await again.save(place);
      await again.dispose();
      return readCheckpoint(place, () => {}).tensors;
    };
    const after = await cutAt([0, 2]);
    for (const name of [...before.keys()].filter((each) => /^optimizer\.\d/.test(each))) {
      expect([name, after.get(name)]).toEqual([name, before.get(name)]);
      expect(after.get(name)?.values.some((value) => value !== 0)).toBe(true);
    }
    // Nothing was late at the second stage, so nothing was kept of it: one that has it starts anew.
    const vectors = [...before.keys()].filter((each) => /^compensation\.\d/.test(each));
    expect(vectors).toHaveLength(4);
    for (const name of vectors)
      expect(after.get(name)?.values.every((value) => value === 0)).toBe(true);
    const sameFirst = await cutAt([0, 1]);
    for (const name of vectors) expect(sameFirst.get(name)).toEqual(before.get(name));
    // Adam's steps so far go with the stage that most of the parameters were in.
    const layerLengths = [12 * 16 + 16, 16 * 16 + 16, 16 * 3 + 3];
    const [first = 0, second = 0, third = 0] = layerLengths;
    expect(after.get(`optimizer.stage/0+${first + second}/0`)?.values).toEqual(
      before.get(`optimizer.stage/${first}+${second}/0`)?.values,
    );
    expect(after.get(`optimizer.stage/${first + second}+${third}/0`)?.values).toEqual(
      before.get(`optimizer.stage/${first + second}+${third}/0`)?.values,
    );
    await learner.dispose();
  });
});
