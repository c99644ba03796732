import { describe, expect, it } from "vitest";
import { formatBytes, InputError, parsePlan, plan } from "../src/index.js";
import { profileOf } from "./profiles.js";

const good = plan({ profile: profileOf([{}, {}]), arrivalInterval: 2, memoryBudget: null });
const worker = { recompute: false, accumulate: [1, 1], omit: [0, 0] };

describe("parsePlan", () => {
  it("returns what JSON carried", () => {
    expect(parsePlan(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  it.each([
    ["a future version", { version: 2 }, "plan.version"],
    ["an unknown strategy", { strategy: "luck" }, '"least-memory" or "progress" for plan.strategy'],
    ["a partition that falls", { partition: [0, 0] }, "plan.partition"],
    ["another stage count", { stageCount: 3 }, "2, the partition's stages, for plan.stageCount"],
    ["another worker count", { workerCount: 9 }, "plan.workerCount but received 9"],
    ["no worker", { workers: [], workerCount: 0 }, "at least one worker for plan.workers"],
    [
      "too few stages in a worker",
      { workers: [{ ...worker, omit: [0] }] },
      "2 entries, one per stage, for plan.workers[0].omit",
    ],
    [
      "an accumulation of zero",
      { workers: [{ ...worker, accumulate: [0, 1] }] },
      "plan.workers[0].accumulate[0]",
    ],
    [
      "an omission at the last stage",
      { workers: [{ ...worker, omit: [0, 1] }] },
      "0 at the last stage for plan.workers[0].omit",
    ],
    [
      "a recompute of 1",
      { workers: [{ ...worker, recompute: 1 }] },
      "a boolean for plan.workers[0].recompute",
    ],
    ["a budget as text", { memoryBudget: "1 GiB" }, "plan.memoryBudget"],
    ["a total that is no sum", { memory: { ...good.memory, total: 1 } }, "plan.memory.total"],
    [
      "a missing category",
      { memory: { total: 0, byCategory: {} } },
      "plan.memory.byCategory.parameters",
    ],
  ])("names the field: %s", (_, change, message) => {
    expect(() => parsePlan({ ...good, ...change })).toThrow(InputError);
    expect(() => parsePlan({ ...good, ...change })).toThrow(message);
  });
});

describe("formatBytes", () => {
  it("writes people's units", () => {
    expect([0, 1023, 1024, 40_055_808, 3 * 2 ** 30].map(formatBytes)).toEqual([
      "0 B",
      "1023 B",
      "1.0 KiB",
      "38.2 MiB",
      "3.0 GiB",
    ]);
  });
});
