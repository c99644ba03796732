import { describeExplanation, describePlan, explain, plan } from "@ferret-ocl/planner";
import { expect, it } from "vitest";

import { createLayeredProfile } from "./plan-profile.js";

it("says what alike workers do once, and of which workers", () => {
  const profile = createLayeredProfile();
  const each = { recompute: false, accumulate: [1, 1], omit: [2, 0] };
  const workers = [each, each, { ...each, omit: [0, 0] }, each, { ...each, accumulate: [2, 1] }];
  const request = { profile, arrivalInterval: 1, partition: [0, 1], workers, memoryBudget: null };
  const found = plan(request);
  const words = describePlan(found, ["a", "b"]).split("\n");
  expect(words.filter((line) => line.includes("worker"))).toEqual([
    expect.stringContaining("5 workers"),
    "  workers 0, 1, 3: each omits 2/0 backward passes",
    "  worker 2: no technique",
    "  worker 4: accumulates 2/1 gradients, omits 2/0 backward passes",
  ]);
  const lines = describeExplanation(explain(found, request), found).split("\n");
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.filter((line) => line.includes("T3 omit"))).toEqual([
    expect.stringMatching(/^ {4}T3 omit workers 0, 1, 3 stage 0: 2: each rate /),
    expect.stringMatching(/^ {4}T3 omit worker 4 stage 0: 2: rate /),
  ]);
});

it("numbers many in a row as from one to another", () => {
  const each = { recompute: true, accumulate: [1, 1], omit: [0, 0] };
  const workers = new Array(12).fill(each);
  const profile = createLayeredProfile();
  const request = { profile, arrivalInterval: 1, partition: [0, 1], workers, memoryBudget: null };
  expect(describePlan(plan(request), ["a", "b"])).toContain(
    "\n  workers 0 to 11: each recomputes activations\n",
  );
});
