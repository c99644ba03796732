import { beforeAll, expect, it } from "vitest";
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

it("auto keeps its state where memory is no matter", async () => {
  const record = await ferret({ memoryBudget: "none" });
  expect(record.compensation).toBe("auto");
  expect(state(record)).toBeGreaterThan(0);
  expect(remarks(record, { compensation: "auto" })).toEqual([]);
});

it.each(["min", "2bw"] as const)(
  "under %s auto takes nothing from what learns",
  async (memoryBudget) => {
    const record = await ferret({ memoryBudget });
    const without = await ferret({ memoryBudget, compensation: "none" });
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
    ["auto", "none"].map((compensation) => ferret({ memoryBudget: "none", compensation })),
  );
  // The best plan and its state, and the best plan alone.
  const enough = await ferret({ memoryBudget: with4!.memory.planned });
  const short = await ferret({ memoryBudget: Math.ceil(without!.memory.planned / 2) });
  expect([enough.compensation, short.compensation]).toEqual(["auto", "none"]);
});

it("takes a method that is named as it is, and refuses a budget too small for it", async () => {
  const record = await ferret({ memoryBudget: "2bw", compensation: "iter-fisher" });
  expect(record.compensation).toBe("iter-fisher");
  const { memory } = await ferret({ memoryBudget: "min", compensation: "none" });
  const named = { memoryBudget: memory.budget as number, compensation: "iter-fisher" };
  await expect(ferret(named)).rejects.toThrow("compensation");
});

it("leaves it out where a later budget could not hold it", async () => {
  const { memory } = await ferret({ memoryBudget: "min", compensation: "none" });
  const changes = [{ at: 20, memoryBudget: memory.budget as number }];
  const record = await ferret({ memoryBudget: "none", changes });
  expect(record.compensation).toBe("none");
  expect(record.switches).toHaveLength(1);
});
