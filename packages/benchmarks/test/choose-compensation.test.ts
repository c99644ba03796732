import { beforeAll, describe, expect, it } from "vitest";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import type { ResultRecord } from "../src/record.js";
import { newRemarks, remarks } from "../src/report/words.js";
import { shortRun } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const ferret = (change: Parameters<typeof setting>[0]) =>
  shortRun(setting({ method: "ferret", compensation: "auto", ...change }), machinery);

/** Bytes of a run's state of compensation. */
const state = ({ memory }: ResultRecord) => memory.byCategory.compensation ?? 0;

describe("planning for progress", () => {
  it("auto takes what the plan does best with, and says what that is", async () => {
    const record = await ferret({ memoryBudget: "none", batch: 256 });
    expect(record.compensation).toBe("rank-one");
    expect(record.plan?.progress).toBeGreaterThan(0);
    expect(remarks(record, { compensation: "auto" })).toEqual([]);
  });

  it("repairs the more the less its time weighs: passes take as much longer as batches are larger", async () => {
    const chosen = [];
    for (const batch of [4, 64, 256])
      chosen.push((await ferret({ memoryBudget: "none", batch })).compensation);
    expect(chosen).toEqual(["delay-adaptive", "delay-adaptive", "rank-one"]);
  });

  it("takes one without vectors where memory has better use", async () => {
    const settings = { batch: 256 };
    const { memory } = await ferret({ ...settings, memoryBudget: "none" });
    const record = await ferret({ ...settings, memoryBudget: Math.ceil(memory.planned / 1.5) });
    expect(record.compensation).toBe("rank-one");
    expect(state(record)).toBe(0);
    const least = await ferret({ ...settings, memoryBudget: "min" });
    expect(state(least)).toBe(0);
    // Half the memory is no less progress than the least.
    expect(record.plan?.progress).toBeGreaterThan(least.plan?.progress as number);
  });

  it.each(["momentum", "adam"])(
    "behind %s takes secant, or where it finds no room none",
    async (name) => {
      // Of small batches its time is more than what it saves: 18 floats moved for each parameter.
      const small = { optimizer: name, learningRate: 0.002, memoryBudget: "none" } as const;
      expect((await ferret(small)).compensation).toBe("none");
      const settings = { ...small, batch: 256 };
      const record = await ferret({ ...settings, memoryBudget: "none" });
      expect([record.optimizer, record.compensation]).toEqual([name, "secant"]);
      expect(record.memory.planned).toBe(record.memory.peak);
      const least = await ferret({ ...settings, memoryBudget: "min" });
      expect([least.compensation, state(least)]).toEqual(["none", 0]);
      expect(least.memory.planned).toBe(least.memory.peak);
    },
  );

  it("gives no advice about memory where there is no budget", async () => {
    const workers = [{ recompute: false, accumulate: [1], omit: [0] }];
    const asked = { given: { partition: [0], workers }, objective: "paper" } as const;
    const record = await ferret({ ...asked, memoryBudget: "none" });
    expect([record.compensation, record.memory.budget]).toEqual(["none", null]);
    expect(remarks(record, { compensation: "auto" })).toEqual([]);
  });

  it("pays for none where nothing is late", async () => {
    const workers = [{ recompute: false, accumulate: [1], omit: [0] }];
    const given = { partition: [0], workers };
    const record = await ferret({ given, pressure: 4 });
    expect(record.compensation).toBe("none");
    expect(record.staleness.every(({ histogram }) => histogram.length <= 1)).toBe(true);
    const named = await ferret({ given, pressure: 4, compensation: "delay-adaptive" });
    expect(named.compensation).toBe("delay-adaptive");
  });

  it("plans for what runs where gradients are a little late", async () => {
    // Two workers that share one stage: a gradient in a few is late by one.
    const worker = { recompute: false, accumulate: [1], omit: [0] };
    const given = { partition: [0], workers: [worker, worker] };
    const record = await ferret({ given, pressure: 0.4 });
    // In the plan one item at a time is in flight there.
    expect(record.plan?.prediction?.staleness[0]).toBe(0);
    expect([record.compensation, state(record)]).toEqual(["none", 0]);
    expect(record.memory.planned).toBe(record.memory.peak);
  });

  it("keeps one compensation over changes, and takes one that fits after them too", async () => {
    const { memory } = await ferret({ memoryBudget: "min" });
    const changes = [{ at: 20, memoryBudget: memory.budget as number }];
    const record = await ferret({ memoryBudget: "none", changes });
    expect(record.compensation).toBe("delay-adaptive");
    expect(record.switches).toHaveLength(1);
  });

  it("takes a method that is named as it is, and refuses a budget too small for it", async () => {
    const record = await ferret({ memoryBudget: "none", compensation: "iter-fisher" });
    expect(record.compensation).toBe("iter-fisher");
    const { memory } = await ferret({ memoryBudget: "min", compensation: "none" });
    const named = { memoryBudget: memory.budget as number, compensation: "iter-fisher" };
    await expect(ferret(named)).rejects.toThrow(/at least \d+ bytes .* for --memory-budget/);
  });
});

describe("planning for the paper's rate", () => {
  const forRate = (change: Parameters<typeof setting>[0]) =>
    ferret({ objective: "paper", ...change });

  it("secant keeps its state where memory is no matter", async () => {
    const record = await forRate({ memoryBudget: "none" });
    expect(record.compensation).toBe("secant");
    expect(state(record)).toBeGreaterThan(0);
    expect(record.plan?.progress).toBeNull();
    expect(remarks(record, { compensation: "auto" })).toEqual([]);
  });

  it.each(["min", "2bw"] as const)(
    "under %s it takes nothing from what learns",
    async (memoryBudget) => {
      const record = await forRate({ memoryBudget });
      const without = await forRate({ memoryBudget, compensation: "none" });
      expect(record.compensation).toBe("none");
      expect(state(record)).toBe(0);
      expect(record.memory.budget).toBe(without.memory.budget);
      expect(record.curve).toEqual(without.curve);
      const remarksOf = newRemarks({ compensation: "auto" });
      expect(remarksOf(record).join()).toContain("without compensation");
      // Of runs one after another it is said once.
      expect(remarksOf(record)).toEqual([]);
    },
  );

  it("keeps it from the budget on at which the plan learns nearly as much with it", async () => {
    const [with4, without] = await Promise.all(
      ["auto", "none"].map((compensation) => forRate({ memoryBudget: "none", compensation })),
    );
    // The best plan and its state, and the best plan alone.
    const enough = await forRate({ memoryBudget: with4!.memory.planned });
    const short = await forRate({ memoryBudget: Math.ceil(without!.memory.planned / 2) });
    expect([enough.compensation, short.compensation]).toEqual(["secant", "none"]);
  });

  it("leaves it out where a later budget could not hold it", async () => {
    const { memory } = await forRate({ memoryBudget: "min", compensation: "none" });
    const changes = [{ at: 20, memoryBudget: memory.budget as number }];
    const record = await forRate({ memoryBudget: "none", changes });
    expect(record.compensation).toBe("none");
    expect(record.switches).toHaveLength(1);
  });
});
