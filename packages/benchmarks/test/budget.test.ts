import { profileModel } from "@ferret-ocl/pipeline";
import {
  type BudgetRequest,
  leastMemory,
  noOverheads,
  type Profile,
  pipeDream2BwMemory,
  plan,
  planUnder,
} from "@ferret-ocl/planner";
import { beforeAll, describe, expect, it } from "vitest";
import { glyphs } from "../src/datasets/glyphs.js";
import { loadMachinery } from "../src/machinery.js";
import { prepareModel } from "../src/prepare.js";
import { inputError } from "./datasets-encode.js";

let request: BudgetRequest & { readonly profile: Profile };

beforeAll(async () => {
  const { runtime } = await loadMachinery();
  const model = prepareModel("mlp", glyphs(0).train).model;
  const profile = profileModel({ model, runtime, batch: 4, timing: "model" });
  request = { profile, arrivalInterval: profile.sequentialTime / 8, overheads: noOverheads };
});

describe("a budget", () => {
  it("none is no limit, and the plan that nothing holds back", () => {
    const { plan: unlimited, budget } = planUnder("none", request);
    expect(budget).toBeNull();
    expect(unlimited).toEqual(plan({ ...request, memoryBudget: null }));
  });

  it("min is the least: it fits exactly, and a byte less is refused with that number", () => {
    const { plan: least, budget } = planUnder("min", request);
    expect(budget).toBe(leastMemory(request).memory.total);
    expect(least.memory.total).toBe(budget);
    const bytes = budget as number;
    expect(planUnder(bytes, request).plan.memory.total).toBeLessThanOrEqual(bytes);
    expect(inputError(() => planUnder(1, request))).toMatch(/^Expected at least \d+ bytes/);
  });

  it("2bw is what PipeDream-2BW needs on the partition of the plan without limit", () => {
    const { partition } = plan({ ...request, memoryBudget: null });
    const bytes = pipeDream2BwMemory(request.profile, partition, request.overheads).total;
    const { plan: middle, budget } = planUnder("2bw", request);
    expect(budget).toBe(bytes);
    expect(middle).toEqual(plan({ ...request, memoryBudget: bytes }));
  });

  it("in bytes is kept, and more of it never makes the plan slower to adapt", () => {
    const least = planUnder("min", request).plan.memory.total;
    const most = planUnder("none", request).plan.memory.total;
    let before = 0;
    for (const share of [0, 0.1, 0.25, 0.5, 0.75, 1]) {
      const bytes = Math.floor(least + share * (most - least));
      const { plan: kept, budget } = planUnder(bytes, request);
      expect(budget).toBe(bytes);
      expect(kept.memory.total).toBeLessThanOrEqual(bytes);
      expect(kept.adaptationRate).toBeGreaterThanOrEqual(before);
      before = kept.adaptationRate;
    }
  });
});
