import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { beforeAll, describe, expect, it } from "vitest";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { type MethodName, methodNames, methods } from "../src/methods/registry.js";
import { parseRecords } from "../src/record.js";
import { renderReport } from "../src/report/html.js";
import { remarks } from "../src/report/words.js";
import { shortRun, stable } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const schedules = methodNames.filter((name) => "takesStages" in methods[name]);
const everyRun: { method: MethodName; algorithm: string }[] = [
  ...schedules.map((method) => ({ method, algorithm: "vanilla" })),
  ...algorithmNames.flatMap((algorithm) =>
    (["zero-bubble", "pipedream-2bw"] as const).map((method) => ({ method, algorithm })),
  ),
];

describe("a run by a fixed schedule", () => {
  it("is offered for the schedules that the paper compares", () => {
    expect(schedules).toEqual([
      "dapple",
      "zero-bubble",
      "hanayo-1",
      "hanayo-2",
      "hanayo-3",
      "pipedream",
      "pipedream-2bw",
    ]);
  });

  it.each(everyRun)("$method, $algorithm: holds what was planned, and learns", async (change) => {
    const record = await shortRun(setting(change), machinery);
    const { memory, items, learned, dropped, schedule, staleness } = record;
    expect(memory.peak).toBeLessThanOrEqual(memory.planned);
    if (machinery.runtime.name === "native") expect(memory.peak).toBe(memory.planned);
    expect([items, learned + dropped]).toEqual([40, 40]);
    expect(learned).toBeGreaterThan(0);
    expect(record.compensation).toBe("none");
    // Three layers take time, and before them what an algorithm adds to an item.
    const stages = schedule?.partition.length as number;
    expect(stages).toBe(["vanilla", "er"].includes(change.algorithm) ? 3 : 4);
    expect(schedule).toMatchObject({ deviceCount: stages, microbatchCount: stages });
    for (const { stage, histogram } of staleness) {
      const stale = { pipedream: stages - 1 - stage, "pipedream-2bw": 1 };
      const most = (stale as Record<string, number>)[change.method] ?? 0;
      expect(histogram.length - 1).toBeLessThanOrEqual(most);
    }
    const [read] = parseRecords(JSON.stringify(record), "a test");
    expect(read).toEqual(record);
    const report = renderReport([record], { title: "a test" });
    expect(report).toContain(">device 2<");
    expect(report).not.toContain("undefined");
  });

  it.each([
    ...schedules.map((method) => ({ method, algorithm: "vanilla" })),
    ...algorithmNames.map((algorithm) => ({ method: "pipedream-2bw" as const, algorithm })),
  ])(
    "$method, $algorithm, on threads and the wall clock: holds what was planned and predicts every item",
    async (change) => {
      const onThreads = { engine: "threads", threads: 2, arrival: "max" } as const;
      const measured = setting({ ...change, ...onThreads, timing: "measured" });
      const record = await shortRun(measured, machinery);
      const { memory, items, learned, dropped, curve, threads, timeline, staleness } = record;
      expect(memory.peak).toBeLessThanOrEqual(memory.planned);
      if (machinery.runtime.name === "native") expect(memory.peak).toBe(memory.planned);
      expect([items, learned, dropped, curve.items.at(-1)]).toEqual([40, 40, 0, 40]);
      // A prediction, and a pass in each direction, of every item at every stage.
      const stages = record.schedule?.partition.length as number;
      expect(threads?.actions).toBeGreaterThanOrEqual((1 + 2 * stages) * 40);
      expect(timeline.length).toBeGreaterThan(0);
      for (const { histogram } of staleness)
        expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(40);
      expect(renderReport([record], { title: "a test" })).not.toContain("undefined");
    },
  );

  it("learns on threads what it learns on the virtual clock from the same items", async () => {
    const same = { method: "dapple", stages: 3, microbatches: 4, batch: 8 } as const;
    const slow = await shortRun(setting({ ...same, pressure: 0.01 }), machinery);
    const change = { engine: "threads", threads: 2, arrival: "max" } as const;
    const threads = await shortRun(setting({ ...same, ...change }), machinery);
    expect([slow.dropped, threads.dropped]).toEqual([0, 0]);
    // Other kernels may round otherwise.
    expect(Math.abs((threads.tacc as number) - (slow.tacc as number))).toBeLessThanOrEqual(1);
  });

  it("is on as many devices and micro-batches as it is told", async () => {
    const told = setting({ method: "dapple", stages: 2, microbatches: 5 });
    const { schedule } = await shortRun(told, machinery);
    expect(schedule).toMatchObject({ deviceCount: 2, microbatchCount: 5, devices: [0, 1] });
    await expect(shortRun({ ...told, stages: 4 }, machinery)).rejects.toThrow(
      "Expected a whole number from 1 to 3, the most stages",
    );
  });

  it("says so where a model has too few layers for the stages that a schedule asks for", async () => {
    const told = async (method: MethodName, stages: number) => {
      const record = await shortRun(setting({ method, stages }), machinery);
      expect(record.schedule?.wantedStages).toBe(
        { dapple: stages, "hanayo-1": 2 * stages, "hanayo-3": 6 * stages }[method as string],
      );
      const [sentence, ...more] = remarks(record, { compensation: "none" });
      expect(more).toEqual([]);
      const report = renderReport([record], { title: "a test" });
      expect(report.includes("that it asks for")).toBe(sentence !== undefined);
      return sentence;
    };
    // Three layers take time.
    expect(await told("dapple", 3)).toBeUndefined();
    expect(await told("hanayo-1", 1)).toBeUndefined();
    expect(await told("hanayo-1", 2)).toMatch(
      /^Hanayo 1W asks for 4 stages but ran on 3, since mlp/,
    );
    expect(await told("hanayo-3", 1)).toMatch(
      /^Hanayo 3W asks for 6 stages but ran on 2, since mlp/,
    );
  });

  it("waits for late labels, and repeats to the last bit", async () => {
    const late = setting({ method: "pipedream", labelDelay: 5 });
    const record = await shortRun(late, machinery);
    // The labels of the last five never come.
    expect(record.learned + record.dropped).toBe(35);
    expect(stable(await shortRun(late, machinery))).toEqual(stable(record));
  });
});
